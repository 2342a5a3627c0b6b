import { trustEn } from './trust.en.ts'
export const trustFr: Record<keyof typeof trustEn, string> = { ...trustEn }
