// The runner's protocol: one privileged process per job, spoken to over its inherited standard input and output, one line
// of JSON per message. It is never handed a plan: it gets a request and the id of the plan that was confirmed, observes
// again, plans again, and starts only when the ids are equal.
import { z } from 'zod'

const path = z.string().min(1).max(4096)
const slot = z.enum(['A', 'B'])
const base = { target: path, at: z.string().max(40), by: z.string().max(200) }
/** With a release: whom to trust, and where an interrupted job left its record. */
const written = { trust: path, journal: path }

/** What a job shall do; the allow-list of verbs is this union and nothing else. Paths are opened by the runner itself. */
export const runnerJob = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('provision'),
    ...base,
    ...written,
    release: path,
    boot: path.nullable(),
    layout: z.string().max(4096),
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
    repair: z.enum(['partition-table']),
  }),
])
export type RunnerJob = z.infer<typeof runnerJob>

/** To the runner: first `plan` or `apply`, later only `cancel`. One target per process. */
export const toRunner = z.discriminatedUnion('verb', [
  /** Looks and plans; writes nothing. */
  z.strictObject({ verb: z.literal('plan'), job: runnerJob }),
  z.strictObject({
    verb: z.literal('apply'),
    job: runnerJob,
    plan: z.string().regex(/^[0-9a-f]{64}$/),
    /** Serials that are never written, whatever was confirmed. */
    neverTouch: z.array(z.string().max(64)).max(200),
  }),
  z.strictObject({ verb: z.literal('cancel') }),
])
export type ToRunner = z.infer<typeof toRunner>

/** From the runner. `event` is engine's JobEvent; `report` is engine's Report; both pass as data. */
export const fromRunner = z.discriminatedUnion('say', [
  z.strictObject({ say: z.literal('hello'), version: z.string(), protocol: z.literal(1) }),
  z.strictObject({ say: z.literal('planned'), plan: z.unknown(), text: z.unknown() }),
  z.strictObject({ say: z.literal('refused'), refusals: z.array(z.unknown()) }),
  z.strictObject({ say: z.literal('event'), event: z.unknown() }),
  z.strictObject({ say: z.literal('done'), report: z.unknown() }),
  z.strictObject({ say: z.literal('failed'), written: z.boolean(), problem: z.unknown(), report: z.unknown() }),
])
export type FromRunner = z.infer<typeof fromRunner>
