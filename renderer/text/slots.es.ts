import { slotsEn } from './slots.en.ts'
export const slotsEs: Record<keyof typeof slotsEn, string> = { ...slotsEn }
