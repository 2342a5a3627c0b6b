// Words of every screen, Es.
import { commonEn } from './common.en.ts'
export const commonEs: Record<keyof typeof commonEn, string> = { ...commonEn }
