import { settingsEn } from './settings.en.ts'
export const settingsDe: Record<keyof typeof settingsEn, string> = { ...settingsEn }
