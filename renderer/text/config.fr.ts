import { configEn } from './config.en.ts'
export const configFr: Record<keyof typeof configEn, string> = { ...configEn }
