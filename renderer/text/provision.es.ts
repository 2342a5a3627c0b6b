import { provisionEn } from './provision.en.ts'
export const provisionEs: Record<keyof typeof provisionEn, string> = { ...provisionEn }
