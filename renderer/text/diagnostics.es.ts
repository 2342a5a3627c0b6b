import { diagnosticsEn } from './diagnostics.en.ts'
export const diagnosticsEs: Record<keyof typeof diagnosticsEn, string> = { ...diagnosticsEn }
