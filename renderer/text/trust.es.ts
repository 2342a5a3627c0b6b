import { trustEn } from './trust.en.ts'
export const trustEs: Record<keyof typeof trustEn, string> = { ...trustEn }
