// Why a job stopped, Es.
import { type CauseTexts, causesEn } from './causes.en.ts'
export const causesEs: CauseTexts = { ...causesEn }
