// Bench and Run, Fr.
import { benchEn } from './bench.en.ts'
export const benchFr: Record<keyof typeof benchEn, string> = { ...benchEn }
