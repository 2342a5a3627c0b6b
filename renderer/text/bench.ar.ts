// Bench and Run, Ar.
import { benchEn } from './bench.en.ts'
export const benchAr: Record<keyof typeof benchEn, string> = { ...benchEn }
