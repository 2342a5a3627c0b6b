// Cuts the power in every way during a recorded job and judges what is left; also continues the job from some states.
import { equalBytes } from '#base/bytes.ts'
import { type FatVolume, openFat } from '#format/fat32/fat32.ts'
import { decodeSlotRecords } from '#format/slot-record.ts'
import { ESP_PATH } from '#model/boot-state.ts'
import type { Extent } from '#model/observation.ts'
import { type CrashOptions, type CrashState, crashStates } from '#testing/power-cut.ts'
import { seededBytes, seededRandom } from '#testing/random.ts'
import type { RecordedOp } from '#testing/recording.ts'
import type { Judge } from './judge.ts'
import { type Disk, look, openDisk, type Recorded, record, type Work } from './record.ts'

export interface Cuts {
  readonly states: number
  /** `torn 12.0: start 1 boots half of slot B ...` */
  readonly exceptions: readonly string[]
  /** What the next start does, over all states. */
  readonly boots: ReadonlyMap<string, number>
}

/**
 * Beyond the model: the cut damages one sector of the small write that was under way. Only overwritten files must bear
 * it (each has a second copy or a fall-back); directories and tables of the ESP cannot.
 */
function* damagedStates(before: Disk, ops: readonly RecordedOp[]): Generator<CrashState> {
  const durable = before.pages.fork()
  const random = seededRandom(11)
  for (const [index, op] of ops.entries()) {
    if (op.kind === 'write') {
      const sectors = Math.ceil(op.data.length / before.sectorSize)
      for (let sample = 0; sectors <= 8 && sample < 4; sample++) {
        const pages = durable.fork()
        const whole = Math.floor(random() * sectors)
        pages.write(op.offset, op.data.subarray(0, whole * before.sectorSize))
        pages.write(op.offset + whole * before.sectorSize, seededBytes(before.sectorSize, index * 4 + sample))
        yield { name: `damaged ${index + 1}.${sample}`, pages, ops: index + 1 }
      }
      durable.write(op.offset, op.data)
    } else if (op.kind === 'zero') durable.zero(op.offset, op.length)
  }
}

export interface CutOptions extends CrashOptions {
  /** Also judge damagedStates. */
  readonly damaged?: boolean
}

/** Judges every state. `allowed`: what the next start may be. */
export async function cutPower(
  before: Disk,
  ops: readonly RecordedOp[],
  judge: Judge,
  allowed: ReadonlySet<string>,
  options: CutOptions = {},
): Promise<Cuts> {
  const boots = new Map<string, number>()
  const exceptions: string[] = []
  let states = 0
  const lists = [crashStates(before.pages, ops, { seed: 20261122, subsets: 24, torn: 6, ...options })]
  if (options.damaged) lists.push(damagedStates(before, ops))
  for (const { name, pages } of chained(lists)) {
    states++
    const judgement = await judge.judge({ ...before, pages })
    boots.set(judgement.boots, (boots.get(judgement.boots) ?? 0) + 1)
    if (!allowed.has(judgement.boots)) exceptions.push(`${name}: the next start is ${judgement.boots}`)
    exceptions.push(...judgement.problems.map((problem) => `${name}: ${problem}`))
  }
  return { states, exceptions, boots }
}

function* chained<T>(lists: readonly Generator<T>[]): Generator<T> {
  for (const list of lists) yield* list
}

/** Runs the job again from about `samples` of the states and compares with the uninterrupted run. */
export async function resumeFrom(work: Work, recorded: Recorded, samples: number): Promise<Cuts> {
  const { before, ops, journal } = recorded
  const expected = await contentOf(recorded, recorded.after)
  const list = [...crashStates(before.pages, ops, { seed: 42, subsets: 1, torn: 1 })]
  const step = Math.max(1, Math.floor(list.length / Math.max(1, samples)))
  const exceptions: string[] = []
  let states = 0
  for (let index = list.length - 1; samples > 0 && index >= 0; index -= step) {
    const { name, pages, ops: started } = list[index]
    states++
    // A line of the journal is durable before the next operation starts.
    const lines = journal.filter((line) => line.ops < started || (line.ops === started && index % 2 === 0))
    try {
      const again = await record(work, { ...before, pages }, lines)
      const found = await contentOf(recorded, again.after)
      for (const [what, bytes] of expected)
        if (!equalBytes(found.get(what) ?? new Uint8Array(0), bytes)) exceptions.push(`${name}: ${what} differs`)
      for (const what of found.keys()) if (!expected.has(what)) exceptions.push(`${name}: ${what} is new`)
    } catch (error) {
      exceptions.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { states, exceptions, boots: new Map() }
}

/**
 * What the finished disk consists of: files of the ESP (the slot record by its meaning, since its copies are written in
 * turn), and all that the job wrote elsewhere, except for old signatures that it wiped and marks.
 */
async function contentOf(recorded: Recorded, disk: Disk): Promise<Map<string, Uint8Array>> {
  const content = new Map<string, Uint8Array>()
  const device = openDisk(disk)
  const { esp } = await look(device)
  if (!esp) return content
  const volume = await openFat(device, esp.offset, esp.length)
  for (const path of await filesOf(volume)) {
    const bytes = await volume.read(path)
    if (path.toLowerCase() !== ESP_PATH.slots) content.set(path, bytes)
    else content.set(path, Buffer.from(JSON.stringify(decodeSlotRecords(bytes).records)))
  }
  for (const { offset, length } of writtenBeside(recorded, esp))
    content.set(`${length} bytes at ${offset}`, device.peek(offset, length))
  return content
}

async function filesOf(volume: FatVolume): Promise<string[]> {
  const entries = await volume.list('', { recursive: true })
  return entries.flatMap(({ kind, path }) => (kind === 'file' ? [path] : [])).sort()
}

function writtenBeside({ ops, starts, plan }: Recorded, esp: Extent): Extent[] {
  // Marks hold the number of their run.
  const from = starts[plan.steps.findIndex(({ type }) => type !== 'wipe' && type !== 'probe-disk')] ?? 0
  return ops.slice(from).flatMap((op) => {
    if (op.kind === 'flush') return []
    const length = op.kind === 'write' ? op.data.length : op.length
    const inEsp = op.offset >= esp.offset && op.offset < esp.offset + esp.length
    return inEsp || length === 0 ? [] : [{ offset: op.offset, length }]
  })
}

/** Operations of one step of the plan. */
export function opsOfStep({ ops, starts }: Recorded, step: number): readonly RecordedOp[] {
  return ops.slice(starts[step], starts[step + 1] ?? ops.length)
}
