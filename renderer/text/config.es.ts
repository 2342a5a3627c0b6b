import { configEn } from './config.en.ts'
export const configEs: Record<keyof typeof configEn, string> = { ...configEn }
