import { reportsEn } from './reports.en.ts'
export const reportsEs: Record<keyof typeof reportsEn, string> = { ...reportsEn }
