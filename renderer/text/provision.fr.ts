import { provisionEn } from './provision.en.ts'
export const provisionFr: Record<keyof typeof provisionEn, string> = { ...provisionEn }
