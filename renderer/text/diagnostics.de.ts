import { diagnosticsEn } from './diagnostics.en.ts'
export const diagnosticsDe: Record<keyof typeof diagnosticsEn, string> = { ...diagnosticsEn }
