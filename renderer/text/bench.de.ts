// Bench and Run, De.
import { benchEn } from './bench.en.ts'
export const benchDe: Record<keyof typeof benchEn, string> = { ...benchEn }
