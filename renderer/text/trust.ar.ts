import { trustEn } from './trust.en.ts'
export const trustAr: Record<keyof typeof trustEn, string> = { ...trustEn }
