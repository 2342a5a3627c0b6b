// The console's calls and events: what a renderer may ask of its host, over IPC or a WebSocket alike. Parameters are
// checked with these schemas in the host, whoever sent them. Adding a call: a row here, its handler in host/calls/, its use.
import { z } from 'zod'
import { BUILT_IN_LAYOUTS } from '#model/layouts.ts'
import type {
  BatchView,
  BenchView,
  Challenge,
  CheckView,
  ConfigDraftView,
  ImageView,
  KeyView,
  PlanAnswer,
  Problem,
  ReportView,
  SelfTestRow,
  SettingsView,
  StationView,
  Token,
  UnitView,
} from './views.ts'

const token = z.string().min(8).max(64)
const slot = z.enum(['A', 'B'])
const reason = z.string().trim().max(500)
const units = z.array(token).min(1).max(64)
const none = z.strictObject({})

export const settingsPatch = z.strictObject({
  language: z.enum(['en', 'de', 'fr', 'es', 'ar', 'system']).optional(),
  theme: z.enum(['system', 'light', 'dark']).optional(),
  sounds: z.boolean().optional(),
  assistive: z.boolean().optional(),
  operator: z.string().max(100).optional(),
  neverTouch: z.array(z.string().max(64)).max(200).optional(),
})

/** What each call takes. The answers are in ConsoleAnswers. */
export const CONSOLE_CALLS = {
  /** Everything at once; afterwards events keep it up to date. */
  'station.get': none,
  'settings.change': settingsPatch,
  /** Adds a disk image file to the bench: made new with `size`, or chosen by a file token. */
  'bench.create-virtual': z.strictObject({
    name: z.string().regex(/^[\w .-]{1,60}$/),
    size: z.int().min(1e9).max(1e13),
  }),
  'bench.add-file': z.strictObject({ file: token }),
  'bench.remove-virtual': z.strictObject({ unit: token, erase: z.boolean() }),
  /** Re-reads both slots against their recorded digests. */
  'unit.check-slots': z.strictObject({ unit: token }),
  /** Stops reading a unit's slots or an image; what was known before stays. The call that began it fails with `job.cancelled`. */
  'check.stop': z.strictObject({ about: token }),
  'plan.provision': z.strictObject({
    units,
    image: token,
    boot: token.nullable(),
    /** One of the built-in layouts; a layout of one's own goes through the command line. */
    layout: z.enum(Object.keys(BUILT_IN_LAYOUTS)),
    slots: z.enum(['A', 'B', 'both']),
    config: token.nullable(),
    allowOlder: reason.nullable(),
  }),
  'plan.flash': z.strictObject({ units, image: token, slot, changedOnly: z.boolean(), allowOlder: reason.nullable() }),
  'plan.slot': z.strictObject({
    unit: token,
    slot,
    action: z.enum(['default', 'once', 'good', 'bad', 'reset']),
    force: reason.nullable(),
  }),
  'plan.repair': z.strictObject({
    unit: token,
    repair: z.enum(['environment', 'ab-state', 'boot-loader', 'slot-record', 'partition-table', 'both-bad']),
    /** Brings the boot loader, for `boot-loader`. */
    image: token.nullable(),
    /** For `partition-table` where both sides are whole and differ: the one that stays. */
    keep: z.enum(['primary', 'backup']).optional(),
  }),
  'plan.restore': z.strictObject({ unit: token, draft: token }),
  /** Plans anew, as it was asked for, what was cut off or failed half-way on this unit. */
  'plan.finish': z.strictObject({ unit: token }),
  /** Asks the host how these plans are to be confirmed. */
  'confirm.begin': z.strictObject({ plans: z.array(z.string().max(80)).min(1).max(64) }),
  /** Typed text as it was typed. Refused: wrong text, too early, plan no longer valid. */
  'confirm.start': z.strictObject({ challenge: token, typed: z.string().max(100) }),
  'job.stop': z.strictObject({ job: token }),
  'batch.pause': z.strictObject({ batch: token }),
  /** Goes on after a pause or after the question that two equal failures raised. */
  'batch.continue': z.strictObject({ batch: token }),
  'batch.stop': z.strictObject({ batch: token }),
  'image.import': z.strictObject({ file: token }),
  'image.verify': z.strictObject({ image: token }),
  'image.pin': z.strictObject({ image: token, pinned: z.boolean() }),
  'image.remove': z.strictObject({ image: token }),
  'trust.import': z.strictObject({ armored: z.string().max(1_000_000) }),
  'trust.remove': z.strictObject({ fingerprint: z.string().regex(/^[0-9A-F]{40,64}$/) }),
  'config.open': z.strictObject({ file: token.nullable(), unit: token.nullable() }),
  'config.edit': z.strictObject({ draft: token, path: z.string().max(300), text: z.string().max(1_000_000) }),
  'report.get': z.strictObject({
    report: token,
    /** `key`: the station's public key, for whoever checks a certificate elsewhere. */
    as: z.enum(['html', 'json', 'label', 'signature', 'key']),
    label: z.enum(['62mm', '25x54']).optional(),
  }),
  'report.csv': z.strictObject({ reports: z.array(token).min(1).max(1000), bom: z.boolean() }),
  'report.verify': z.strictObject({ report: z.string().max(4_000_000), signature: z.string().max(100_000) }),
  'diagnostics.self-test': none,
  /** The redacted bundle as text for the preview; saved by the renderer's download. */
  'diagnostics.bundle': z.strictObject({ withAddresses: z.boolean() }),
  /**
   * A file or folder of the station, too large to pass through a window: the host opens its own dialog, or (browser) offers
   * what is in its library folder. Keys and certificates are small texts; a window reads them with its own file field.
   */
  'file.choose': z.strictObject({ purpose: z.enum(['image', 'virtual-disk', 'config-folder']) }),
} as const

export type ConsoleCall = keyof typeof CONSOLE_CALLS
export type ConsoleParams<C extends ConsoleCall> = z.output<(typeof CONSOLE_CALLS)[C]>

export interface FileChoice {
  readonly file: Token
  readonly name: string
  readonly size: number
}

export interface ConsoleAnswers {
  'station.get': StationView
  'settings.change': SettingsView
  'bench.create-virtual': UnitView
  'bench.add-file': UnitView
  'bench.remove-virtual': Record<string, never>
  'unit.check-slots': UnitView
  'check.stop': Record<string, never>
  'plan.provision': PlanAnswer
  'plan.flash': PlanAnswer
  'plan.slot': PlanAnswer
  'plan.repair': PlanAnswer
  'plan.restore': PlanAnswer
  'plan.finish': PlanAnswer
  'confirm.begin': Challenge
  'confirm.start': { readonly batch: Token }
  'job.stop': Record<string, never>
  'batch.pause': Record<string, never>
  'batch.continue': Record<string, never>
  'batch.stop': Record<string, never>
  'image.import': ImageView
  'image.verify': ImageView
  'image.pin': ImageView
  'image.remove': Record<string, never>
  'trust.import': readonly KeyView[]
  'trust.remove': readonly KeyView[]
  'config.open': ConfigDraftView
  'config.edit': ConfigDraftView
  'report.get': { readonly name: string; readonly type: string; readonly text: string }
  'report.csv': { readonly name: string; readonly type: string; readonly text: string }
  'report.verify': { readonly valid: boolean; readonly signer: string | null; readonly problem: Problem | null }
  'diagnostics.self-test': readonly SelfTestRow[]
  'diagnostics.bundle': { readonly name: string; readonly text: string; readonly removed: readonly string[] }
  /** In the browser several may be offered; a desktop dialog answers one or none. */
  'file.choose': { readonly choices: readonly FileChoice[] }
}

/** Pushed by the host; `seq` grows by one, so that a renderer that missed one asks for the station anew. */
export type ConsoleEvent = ConsoleNews & { readonly seq: number }
export type ConsoleNews =
  | { readonly type: 'bench'; readonly bench: BenchView }
  | { readonly type: 'unit'; readonly unit: UnitView }
  | { readonly type: 'images'; readonly images: readonly ImageView[] }
  | { readonly type: 'keys'; readonly keys: readonly KeyView[] }
  | { readonly type: 'batch'; readonly batch: BatchView }
  | { readonly type: 'progress'; readonly job: Token; readonly patch: ProgressPatch }
  | { readonly type: 'reports'; readonly reports: readonly ReportView[] }
  /** All that are under way; at most five a second, and when one begins or ends. */
  | { readonly type: 'checks'; readonly checks: readonly CheckView[] }
  | { readonly type: 'settings'; readonly settings: SettingsView }
  /** Nothing is new and the host works; it carries the number of the last event and is none itself. */
  | { readonly type: 'beat' }

/** At most ten a second per job, and always the last. */
export interface ProgressPatch {
  readonly stage: BatchView['jobs'][number]['stage']
  readonly state: BatchView['jobs'][number]['state']
  readonly doneBytes: number
  readonly totalBytes: number
  readonly remaining: number | null
  readonly limit?: BatchView['jobs'][number]['limit']
  /** A new value of the curve, once a second. */
  readonly rate: number | null
}

/** On the wire (WebSocket text frames, IPC messages). */
export type ClientMessage = { readonly id: number; readonly call: ConsoleCall; readonly params: unknown }
export type HostMessage =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly problem: Problem }
  | { readonly event: ConsoleEvent }

export const clientMessage = z.strictObject({
  id: z.int().min(1),
  call: z.enum(Object.keys(CONSOLE_CALLS) as [ConsoleCall, ...ConsoleCall[]]),
  params: z.unknown(),
})

/**
 * First message of a window in a browser: the one-time token of the address, or the session of an earlier line of this tab.
 * The host's first message is then the session. On the desktop there is no such message: the window is the host's own.
 */
export const entryMessage = z.union([
  z.strictObject({ enter: z.string().min(20).max(100) }),
  z.strictObject({ session: z.string().min(20).max(100) }),
])
export type EntryMessage = z.output<typeof entryMessage>
export type EntryAnswer = { readonly session: string }
/** The host closes a line with this code when it does not know the token or the session, or the session is over. */
export const NOT_LET_IN = 4403
