import { settingsEn } from './settings.en.ts'
export const settingsAr: Record<keyof typeof settingsEn, string> = { ...settingsEn }
