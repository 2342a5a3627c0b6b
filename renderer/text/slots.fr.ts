import { slotsEn } from './slots.en.ts'
export const slotsFr: Record<keyof typeof slotsEn, string> = { ...slotsEn }
