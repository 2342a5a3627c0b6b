// Words of every screen, Ar.
import { commonEn } from './common.en.ts'
export const commonAr: Record<keyof typeof commonEn, string> = { ...commonEn }
