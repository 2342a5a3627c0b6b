import { settingsEn } from './settings.en.ts'
export const settingsEs: Record<keyof typeof settingsEn, string> = { ...settingsEn }
