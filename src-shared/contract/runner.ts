// The runner's protocol: one privileged process for the units of a batch, spoken to over its inherited standard input and output,
// one line of JSON per message, each naming its unit. It is never handed a plan: it gets a request and the id of the plan that
// was confirmed, observes again, plans again, and starts only when the ids are equal.
import { z } from 'zod'

const path = z.string().min(1).max(4096)
const slot = z.enum(['A', 'B'])
/** `at` is when it was asked for; a runner judges, plans and records by its own clock. */
const base = { target: path, at: z.string().max(40), by: z.string().max(200) }
/** With a release: whom to trust, and where an interrupted job left its record. A runner that acts for another uses its own. */
const written = { trust: path, journal: path }
/** Permission bits of files of `config`, where they are not those of the files themselves. */
const configModes = z
  .array(z.tuple([z.string().max(512), z.int().min(0).max(0o7777)]))
  .max(4000)
  .optional()

/**
 * What a job shall do; the allow-list of verbs is this union and nothing else. Paths are opened by the runner itself, with the
 * rights of whoever started it (host/runner/authority.ts).
 */
export const runnerJob = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('provision'),
    ...base,
    ...written,
    release: path,
    boot: path.nullable(),
    /** A built-in name, or the text of a layout file; its path only where the runner acts for itself. */
    layout: z.string().max(65_536),
    slots: z.array(slot).min(1).max(2),
    config: path.nullable(),
    configModes,
    luksKey: path.nullable(),
    seed: z.string().max(64).nullable(),
    allowOlder: z.string().max(500).nullable(),
  }),
  z.strictObject({
    kind: z.literal('flash'),
    ...base,
    ...written,
    release: path,
    slot,
    changedOnly: z.boolean(),
    allowOlder: z.string().max(500).nullable(),
  }),
  z.strictObject({
    kind: z.literal('slot'),
    ...base,
    slot,
    action: z.enum(['default', 'once', 'good', 'bad', 'reset']),
    force: z.string().max(500).nullable(),
  }),
  z.strictObject({
    kind: z.literal('repair'),
    ...base,
    repair: z.enum(['environment', 'ab-state', 'boot-loader', 'slot-record', 'partition-table', 'both-bad']),
    /** Of `partition-table`, where both sides are intact and differ: which one stays. */
    keep: z.enum(['primary', 'backup']).optional(),
    /** Brings the boot files for `boot-loader`; what a slot is compared with for `slot-record`. With its trust list. */
    release: path.nullable(),
    trust: path.nullable(),
    /** Receives the bytes that are overwritten. */
    journal: path,
  }),
  /** The files of the folder replace /config. */
  z.strictObject({
    kind: z.literal('restore'),
    ...base,
    config: path,
    configModes,
    journal: path,
  }),
])
export type RunnerJob = z.infer<typeof runnerJob>

const neverTouch = z.array(z.string().max(64)).max(200)

/** What the caller calls a unit; free again after the unit's last message (`done`, `failed`). */
const unit = z.string().regex(/^[0-9a-z-]{1,40}$/)

/** Units that one runner has at once, planned or written. */
export const MOST_UNITS = 16
/** So long after its start, and after a unit was written, a runner takes further units: a consent is not for ever. */
export const TAKES_UNITS_MS = 30 * 60_000

/**
 * To the runner. `look`, `check` and `config` write nothing; each is a runner's only request. Else `plan`, for one unit after the
 * other; after it was answered, `apply` with the id of exactly that unit's plan; `cancel` at any time, of one unit or of
 * everything. The end of input cancels everything.
 */
export const toRunner = z.discriminatedUnion('verb', [
  /** What is on the target. */
  z.strictObject({ verb: z.literal('look'), target: path }),
  /** Both slots against their recorded digests. */
  z.strictObject({ verb: z.literal('check'), target: path }),
  /** The files of /config. */
  z.strictObject({ verb: z.literal('config'), target: path }),
  /** `neverTouch`: serials that are never written, whatever was confirmed. */
  z.strictObject({ verb: z.literal('plan'), unit, job: runnerJob, neverTouch }),
  z.strictObject({ verb: z.literal('apply'), unit, plan: z.string().regex(/^[0-9a-f]{64}$/) }),
  z.strictObject({ verb: z.literal('cancel'), unit: unit.optional() }),
])
export type ToRunner = z.infer<typeof toRunner>

/** Longest line either side accepts, characters. */
export const MAX_LINE = 4_000_000

const problem = z.strictObject({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})

/**
 * From the runner. The engine's JobEvent, Plan, Sight and Report pass as data. Without `unit` an event is of the one request, and
 * `failed` the last word of the whole runner.
 */
export const fromRunner = z.discriminatedUnion('say', [
  z.strictObject({ say: z.literal('hello'), protocol: z.literal(2) }),
  z.strictObject({ say: z.literal('seen'), sight: z.unknown() }),
  z.strictObject({ say: z.literal('checked'), A: z.string(), B: z.string() }),
  z.strictObject({
    say: z.literal('config'),
    files: z.array(z.strictObject({ path: z.string(), mode: z.int(), base64: z.base64() })),
    newest: z.string().nullable(),
    /** What is neither file nor folder. */
    left: z.array(z.string()),
  }),
  z.strictObject({ say: z.literal('planned'), unit, plan: z.unknown() }),
  z.strictObject({ say: z.literal('event'), unit: unit.optional(), event: z.unknown() }),
  z.strictObject({ say: z.literal('done'), unit, report: z.unknown() }),
  /** The last message of a unit, or of a runner, that stops early: refusals (`written` false) and failures alike. */
  z.strictObject({
    say: z.literal('failed'),
    unit: unit.optional(),
    written: z.boolean(),
    problems: z.array(problem).min(1),
    /** Title of the step under way. */
    during: z.string().nullable(),
    report: z.unknown(),
  }),
])
export type FromRunner = z.infer<typeof fromRunner>
