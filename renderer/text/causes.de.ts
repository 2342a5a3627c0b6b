// Why a job stopped, De.
import { type CauseTexts, causesEn } from './causes.en.ts'
export const causesDe: CauseTexts = { ...causesEn }
