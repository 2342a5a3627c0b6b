// The runner's protocol: one privileged process per job, spoken to over its inherited standard input and output, one line
// of JSON per message. It is never handed a plan: it gets a request and the id of the plan that was confirmed, observes
// again, plans again, and starts only when the ids are equal.
import { z } from 'zod'

const path = z.string().min(1).max(4096)
const slot = z.enum(['A', 'B'])
/** `at` is when it was asked for; a runner judges, plans and records by its own clock. */
const base = { target: path, at: z.string().max(40), by: z.string().max(200) }
/** With a release: whom to trust, and where an interrupted job left its record. A runner that acts for another uses its own. */
const written = { trust: path, journal: path }

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
    journal: path,
  }),
])
export type RunnerJob = z.infer<typeof runnerJob>

const neverTouch = z.array(z.string().max(64)).max(200)

/**
 * To the runner. First one of `look`, `check`, `config` and `plan`, which write nothing; after `plan` was answered, `apply` with the
 * id of exactly that plan; `cancel` at any time. One target and one job per process; the end of input cancels.
 */
export const toRunner = z.discriminatedUnion('verb', [
  /** What is on the target. */
  z.strictObject({ verb: z.literal('look'), target: path }),
  /** Both slots against their recorded digests. */
  z.strictObject({ verb: z.literal('check'), target: path }),
  /** The files of /config. */
  z.strictObject({ verb: z.literal('config'), target: path }),
  /** `neverTouch`: serials that are never written, whatever was confirmed. */
  z.strictObject({ verb: z.literal('plan'), job: runnerJob, neverTouch }),
  z.strictObject({ verb: z.literal('apply'), plan: z.string().regex(/^[0-9a-f]{64}$/) }),
  z.strictObject({ verb: z.literal('cancel') }),
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

/** From the runner. The engine's JobEvent, Plan, Sight and Report pass as data. */
export const fromRunner = z.discriminatedUnion('say', [
  z.strictObject({ say: z.literal('hello'), protocol: z.literal(1) }),
  z.strictObject({ say: z.literal('seen'), sight: z.unknown() }),
  z.strictObject({ say: z.literal('checked'), A: z.string(), B: z.string() }),
  z.strictObject({
    say: z.literal('config'),
    files: z.array(z.strictObject({ path: z.string(), mode: z.int(), base64: z.base64() })),
    newest: z.string().nullable(),
    /** What is neither file nor folder. */
    left: z.array(z.string()),
  }),
  z.strictObject({ say: z.literal('planned'), plan: z.unknown() }),
  z.strictObject({ say: z.literal('event'), event: z.unknown() }),
  z.strictObject({ say: z.literal('done'), report: z.unknown() }),
  /** The last message of a runner that stops early: refusals (`written` false) and failures alike. */
  z.strictObject({
    say: z.literal('failed'),
    written: z.boolean(),
    problems: z.array(problem).min(1),
    /** Title of the step under way. */
    during: z.string().nullable(),
    report: z.unknown(),
  }),
])
export type FromRunner = z.infer<typeof fromRunner>
