import { settingsEn } from './settings.en.ts'
export const settingsFr: Record<keyof typeof settingsEn, string> = { ...settingsEn }
