// Words of every screen, De.
import { commonEn } from './common.en.ts'
export const commonDe: Record<keyof typeof commonEn, string> = { ...commonEn }
