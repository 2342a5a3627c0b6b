import { reportsEn } from './reports.en.ts'
export const reportsAr: Record<keyof typeof reportsEn, string> = { ...reportsEn }
