// The parts of a certificate, each from the engine's report, the plan, and what the runner saw around the job. Pure.
import { type Certificate, type Surroundings, surroundingsSchema } from '#contract/certificate.ts'
import type { ImageView } from '#contract/views.ts'
import type { Evidence } from '#engine/ports.ts'
import type { Report, StepReport } from '#engine/run-plan.ts'
import { nextBootLines } from '#model/next-boot-text.ts'
import type { PartitionEntry, PartitionTable } from '#model/partition-table.ts'
import type { Plan, ReleaseFacts, Step } from '#model/plan.ts'
import type { SlotOverride } from '#model/slot.ts'
import type { UnitEntry } from '../ports.ts'
import type { RunnerReport } from '../runner/surroundings.ts'

const MEGA = 1e6

/** As long as a text of a certificate may be. */
export const cut = (value: string): string => (value.length > 2000 ? `${value.slice(0, 1999)}…` : value)

const number = (evidence: Evidence, field: string): number | null => {
  const value = evidence[field]
  return typeof value === 'number' ? value : null
}
const word = (evidence: Evidence, field: string): string | null => {
  const value = evidence[field]
  return typeof value === 'string' ? value : null
}
const digest = (evidence: Evidence, field: string): string | null => {
  const value = word(evidence, field)
  return value !== null && /^[0-9a-f]{64}$/.test(value) ? value : null
}

/** One row per place that was written or read back, in order. */
export function writtenOf({ plan, steps }: Report): Certificate['written'] {
  return plan.steps.flatMap((step, index) => {
    const what = targetOfStep(step)
    return what === null ? [] : [writtenRow(what, step, steps.at(index))]
  })
}

/** What a step writes or reads back; null for steps that do neither to a place of their own. */
function targetOfStep(step: Step): string | null {
  switch (step.type) {
    case 'write-image':
    case 'check-slot':
      return `slot ${step.slot}`
    case 'make-filesystem':
    case 'write-esp':
      return `partition ${step.partition.number} ${step.partition.name}`
    case 'write-table':
    case 'repair-table':
      return 'partition table'
    case 'replace-files':
      return `files in /${step.directory}`
    default:
      return null
  }
}

function writtenRow(what: string, step: Step, done: StepReport | undefined): Certificate['written'][number] {
  const evidence = done?.evidence ?? {}
  const signed = step.type === 'write-image' || step.type === 'check-slot' ? step.sha256 : null
  const readBack = step.type === 'check-slot' ? step.size : number(evidence, 'bytesReadBack')
  const verdict = !done ? 'not-finished' : readBack === null ? 'not-read-back' : 'equal'
  return {
    what,
    bytesWritten: number(evidence, 'bytesWritten'),
    bytesZeroed: number(evidence, 'bytesZeroed'),
    bytesSkipped: number(evidence, 'bytesSkipped'),
    bytesReadBack: done ? readBack : null,
    expectedSha256: signed ?? digest(evidence, 'expectedSha256'),
    readBackSha256: done ? digest(evidence, 'sha256') : null,
    verdict,
    uncached: typeof evidence.uncached === 'boolean' ? evidence.uncached : null,
    stages: [
      ...stage('write', number(evidence, 'writeMs'), number(evidence, 'bytesWritten')),
      ...stage('flush', number(evidence, 'flushMs'), null),
      ...stage('read-back', number(evidence, 'readBackMs'), number(evidence, 'bytesReadBack')),
    ],
  }
}

type Stage = Certificate['written'][number]['stages'][number]

function stage(name: Stage['stage'], ms: number | null, count: number | null): Stage[] {
  if (ms === null) return []
  const rate = count === null || ms <= 0 ? null : Math.round(count / MEGA / (ms / 1000))
  return [{ stage: name, seconds: ms / 1000, megabytesPerSecond: rate }]
}

interface Table extends Pick<PartitionTable, 'diskGuid' | 'sectorSize'> {
  readonly entries: readonly Omit<PartitionEntry, 'attributes'>[]
}

/** The table that was written or repaired, else the one that was there. */
export function layoutOf(plan: Plan, unit: UnitEntry, seen: Table | null): Certificate['layout'] {
  const { request } = plan
  const name = request.kind === 'provision' ? request.layout.name : null
  const step = plan.steps.find((each) => each.type === 'write-table' || each.type === 'repair-table')
  const table: Table | null = step?.table ?? seen
  if (!table) {
    const unknown = { typeGuid: null, uniqueGuid: null, filesystem: null }
    const partitions = unit.view.partitions.map(({ number, name, offset, size }) => ({ number, name, offset, size }))
    return { name, tableGuid: null, partitions: partitions.map((each) => ({ ...each, ...unknown })) }
  }
  const specs = request.kind === 'provision' ? request.layout.partitions : []
  return {
    name,
    tableGuid: table.diskGuid,
    partitions: table.entries.map((entry) => ({
      number: entry.number,
      name: entry.name,
      offset: entry.firstLba * table.sectorSize,
      size: (entry.lastLba - entry.firstLba + 1) * table.sectorSize,
      typeGuid: entry.typeGuid,
      uniqueGuid: entry.uniqueGuid,
      filesystem: specs.at(entry.number - 1)?.filesystem ?? null,
    })),
  }
}

/** What the signature says comes from the runner, which judged it; the library adds names, when it has the same release. */
export function releaseOf(release: ReleaseFacts | null, images: readonly ImageView[]): Certificate['image'] {
  if (!release) return null
  const same = images.find(({ digest }) => digest === release.digest)
  const said = release.signature
  return {
    name: same?.name ?? null,
    kind: release.kind,
    product: release.product,
    version: release.version,
    channel: same?.channel ?? null,
    counter: release.counter,
    digest: release.digest,
    size: release.system?.size ?? null,
    sha256: release.system?.sha256 ?? null,
    signer: {
      fingerprint: release.signer,
      name: (said?.userId ?? same?.signer?.name) || null,
      keyExpires: said ? (said.keyExpires ?? 'never') : null,
      keyExpiresAtSigning: said?.keyExpiresAtSigning ?? null,
      signedAt: said?.signedAt ?? null,
      algorithm: said?.algorithm ?? null,
      hash: said?.hash ?? null,
    },
  }
}

/** The last word of each step that touched the boot files. */
export function bootOf({ plan, steps, boot: after }: Report): Certificate['boot'] {
  const none = { files: null, espSha256: null, defaultSlot: null, wanted: null, good: null, trying: null }
  const next = after && { slot: after.next?.slot ?? null, text: nextBootLines(after).join(' ') }
  const boot: Certificate['boot'] = { ...none, triesLeft: null, next }
  for (const [index, step] of plan.steps.entries()) {
    const evidence = steps.at(index)?.evidence
    if (evidence) Object.assign(boot, bootFactsOf(step, evidence))
  }
  return boot
}

function bootFactsOf(step: Step, evidence: Evidence): Partial<Certificate['boot']> {
  const slots = { wanted: word(evidence, 'wanted'), good: word(evidence, 'good') }
  switch (step.type) {
    case 'write-esp': {
      const defaultSlot = word(evidence, 'defaultSlot')
      const written = { files: number(evidence, 'files'), espSha256: digest(evidence, 'espSha256'), defaultSlot }
      // On a fresh disk its default slot is selected and counts as good, and nothing is being tried.
      return { ...written, wanted: defaultSlot, good: defaultSlot }
    }
    case 'boot-state':
      return { ...slots, trying: word(evidence, 'trying'), triesLeft: number(evidence, 'triesLeft') }
    case 'rewrite-boot-state':
      return slots
    case 'revive-slot':
      return { trying: word(evidence, 'slot'), triesLeft: number(evidence, 'triesLeft') }
    default:
      return {}
  }
}

/** Names, sizes and digests of the files that went into /config; never their content. */
export function configOf({ request }: Plan): Certificate['config'] {
  const files = request.kind === 'provision' ? request.config : request.kind === 'restore' ? request.files : null
  return files && { files: files.map(({ path, size, sha256, mode }) => ({ path, size, sha256, mode })) }
}

/** What was really done against advice: a reason that was given and turned out not to be needed is none. */
export function overridesOf({ steps }: Plan): Certificate['overrides'] {
  const found = new Map<string, SlotOverride>()
  for (const step of steps)
    if ('override' in step && step.override) found.set(`${step.override.slot} ${step.override.action}`, step.override)
  return [...found.values()].map(({ slot, action, reason, by }) => ({
    what: cut(`slot ${slot}: ${action.replace(/^slot /, '')}`),
    reason: cut(reason),
    by: cut(by),
  }))
}

const NOTHING_SEEN: Surroundings = {
  health: { before: null, after: null, whyNot: 'the runner told nothing of it' },
  machine: null,
  warnings: [],
  table: null,
}

/** What a runner prints is only input: what has another shape is not believed. */
export const surroundingsOf = ({ surroundings }: RunnerReport): Surroundings =>
  surroundingsSchema.safeParse(surroundings).data ?? NOTHING_SEEN

/** As installers report it: the drive's verdict in smartctl's word. */
export const smartWord = (health: Surroundings['health']['before']): string | null =>
  health === null || health.passed === null ? null : health.passed ? 'PASSED' : 'FAILED'
