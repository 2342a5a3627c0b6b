// Why a job stopped, Fr.
import { type CauseTexts, causesEn } from './causes.en.ts'
export const causesFr: CauseTexts = { ...causesEn }
