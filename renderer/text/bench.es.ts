// Bench and Run, Es.
import { benchEn } from './bench.en.ts'
export const benchEs: Record<keyof typeof benchEn, string> = { ...benchEn }
