import { diagnosticsEn } from './diagnostics.en.ts'
export const diagnosticsFr: Record<keyof typeof diagnosticsEn, string> = { ...diagnosticsEn }
