import { diagnosticsEn } from './diagnostics.en.ts'
export const diagnosticsAr: Record<keyof typeof diagnosticsEn, string> = { ...diagnosticsEn }
