import { reportsEn } from './reports.en.ts'
export const reportsDe: Record<keyof typeof reportsEn, string> = { ...reportsEn }
