import { slotsEn } from './slots.en.ts'
export const slotsAr: Record<keyof typeof slotsEn, string> = { ...slotsEn }
