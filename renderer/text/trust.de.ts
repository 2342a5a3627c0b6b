import { trustEn } from './trust.en.ts'
export const trustDe: Record<keyof typeof trustEn, string> = { ...trustEn }
