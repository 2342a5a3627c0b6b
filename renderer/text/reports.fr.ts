import { reportsEn } from './reports.en.ts'
export const reportsFr: Record<keyof typeof reportsEn, string> = { ...reportsEn }
