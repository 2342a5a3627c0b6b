// Why a job stopped, Ar.
import { type CauseTexts, causesEn } from './causes.en.ts'
export const causesAr: CauseTexts = { ...causesEn }
