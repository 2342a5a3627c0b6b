import { configEn } from './config.en.ts'
export const configAr: Record<keyof typeof configEn, string> = { ...configEn }
