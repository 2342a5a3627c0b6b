// All texts of the console by language. Each area has one file per language, so that every text is where its screen's author
// keeps it; the compiler makes sure that no language lacks a key. English decides which keys there are.
import { benchAr } from './bench.ar.ts'
import { benchDe } from './bench.de.ts'
import { benchEn } from './bench.en.ts'
import { benchEs } from './bench.es.ts'
import { benchFr } from './bench.fr.ts'
import { causesAr } from './causes.ar.ts'
import { causesDe } from './causes.de.ts'
import { causesEn } from './causes.en.ts'
import { causesEs } from './causes.es.ts'
import { causesFr } from './causes.fr.ts'
import { commonAr } from './common.ar.ts'
import { commonDe } from './common.de.ts'
import { commonEn } from './common.en.ts'
import { commonEs } from './common.es.ts'
import { commonFr } from './common.fr.ts'

const en = { ...commonEn, ...causesEn, ...benchEn }

export type TextKey = keyof typeof en
export type Catalogue = Readonly<Record<TextKey, string>>
export type Language = 'en' | 'de' | 'fr' | 'es' | 'ar'

const de: Catalogue = { ...commonDe, ...causesDe, ...benchDe }
const fr: Catalogue = { ...commonFr, ...causesFr, ...benchFr }
const es: Catalogue = { ...commonEs, ...causesEs, ...benchEs }
const ar: Catalogue = { ...commonAr, ...causesAr, ...benchAr }

export const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en, de, fr, es, ar }
