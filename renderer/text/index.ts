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
import { configAr } from './config.ar.ts'
import { configDe } from './config.de.ts'
import { configEn } from './config.en.ts'
import { configEs } from './config.es.ts'
import { configFr } from './config.fr.ts'
import { diagnosticsAr } from './diagnostics.ar.ts'
import { diagnosticsDe } from './diagnostics.de.ts'
import { diagnosticsEn } from './diagnostics.en.ts'
import { diagnosticsEs } from './diagnostics.es.ts'
import { diagnosticsFr } from './diagnostics.fr.ts'
import { findingsAr } from './findings.ar.ts'
import { findingsDe } from './findings.de.ts'
import { findingsEn } from './findings.en.ts'
import { findingsEs } from './findings.es.ts'
import { findingsFr } from './findings.fr.ts'
import { imagesAr } from './images.ar.ts'
import { imagesDe } from './images.de.ts'
import { imagesEn } from './images.en.ts'
import { imagesEs } from './images.es.ts'
import { imagesFr } from './images.fr.ts'
import { knownAr } from './known.ar.ts'
import { knownDe } from './known.de.ts'
import { knownEn } from './known.en.ts'
import { knownEs } from './known.es.ts'
import { knownFr } from './known.fr.ts'
import { provisionAr } from './provision.ar.ts'
import { provisionDe } from './provision.de.ts'
import { provisionEn } from './provision.en.ts'
import { provisionEs } from './provision.es.ts'
import { provisionFr } from './provision.fr.ts'
import { reportsAr } from './reports.ar.ts'
import { reportsDe } from './reports.de.ts'
import { reportsEn } from './reports.en.ts'
import { reportsEs } from './reports.es.ts'
import { reportsFr } from './reports.fr.ts'
import { sentencesAr } from './sentences.ar.ts'
import { sentencesDe } from './sentences.de.ts'
import { sentencesEn } from './sentences.en.ts'
import { sentencesEs } from './sentences.es.ts'
import { sentencesFr } from './sentences.fr.ts'
import { settingsAr } from './settings.ar.ts'
import { settingsDe } from './settings.de.ts'
import { settingsEn } from './settings.en.ts'
import { settingsEs } from './settings.es.ts'
import { settingsFr } from './settings.fr.ts'
import { slotsAr } from './slots.ar.ts'
import { slotsDe } from './slots.de.ts'
import { slotsEn } from './slots.en.ts'
import { slotsEs } from './slots.es.ts'
import { slotsFr } from './slots.fr.ts'
import { trustAr } from './trust.ar.ts'
import { trustDe } from './trust.de.ts'
import { trustEn } from './trust.en.ts'
import { trustEs } from './trust.es.ts'
import { trustFr } from './trust.fr.ts'

const en = {
  ...commonEn,
  ...causesEn,
  ...benchEn,
  ...configEn,
  ...slotsEn,
  ...provisionEn,
  ...diagnosticsEn,
  ...findingsEn,
  ...imagesEn,
  ...knownEn,
  ...reportsEn,
  ...sentencesEn,
  ...settingsEn,
  ...trustEn,
}

export type TextKey = keyof typeof en
export type Catalogue = Readonly<Record<TextKey, string>>
export type Language = 'en' | 'de' | 'fr' | 'es' | 'ar'

const de: Catalogue = {
  ...commonDe,
  ...causesDe,
  ...benchDe,
  ...configDe,
  ...slotsDe,
  ...provisionDe,
  ...diagnosticsDe,
  ...findingsDe,
  ...imagesDe,
  ...knownDe,
  ...reportsDe,
  ...sentencesDe,
  ...settingsDe,
  ...trustDe,
}
const fr: Catalogue = {
  ...commonFr,
  ...causesFr,
  ...benchFr,
  ...configFr,
  ...slotsFr,
  ...provisionFr,
  ...diagnosticsFr,
  ...findingsFr,
  ...imagesFr,
  ...knownFr,
  ...reportsFr,
  ...sentencesFr,
  ...settingsFr,
  ...trustFr,
}
const es: Catalogue = {
  ...commonEs,
  ...causesEs,
  ...benchEs,
  ...configEs,
  ...slotsEs,
  ...provisionEs,
  ...diagnosticsEs,
  ...findingsEs,
  ...imagesEs,
  ...knownEs,
  ...reportsEs,
  ...sentencesEs,
  ...settingsEs,
  ...trustEs,
}
const ar: Catalogue = {
  ...commonAr,
  ...causesAr,
  ...benchAr,
  ...configAr,
  ...slotsAr,
  ...provisionAr,
  ...diagnosticsAr,
  ...findingsAr,
  ...imagesAr,
  ...knownAr,
  ...reportsAr,
  ...sentencesAr,
  ...settingsAr,
  ...trustAr,
}

export const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en, de, fr, es, ar }
