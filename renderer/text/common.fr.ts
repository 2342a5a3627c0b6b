// Words of every screen, Fr.
import { commonEn } from './common.en.ts'
export const commonFr: Record<keyof typeof commonEn, string> = { ...commonEn }
