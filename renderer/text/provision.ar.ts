import { provisionEn } from './provision.en.ts'
export const provisionAr: Record<keyof typeof provisionEn, string> = { ...provisionEn }
