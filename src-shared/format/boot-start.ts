// What a start of the machine does, as a function of the bytes on the ESP: the boot loader's rules over the block that it
// would use, and the blocks as it leaves them. Whatever tells somebody what boots next asks this function; the tests of
// planners and power cuts ask the same one, and a test with virtual machines holds it against GRUB.
import { concatBytes, equalBytes, utf8 } from '#base/bytes.ts'
import {
  countStandIn,
  type Decision,
  decideStart,
  endTrial,
  LOADER_READS,
  type LoaderValues,
  type LoaderVariable,
  triesAnew,
  withoutCount,
} from '#model/boot-decision.ts'
import type { NextBoot } from '#model/boot-state.ts'
import { SLOTS, type Slot, type SlotRecords } from '#model/slot.ts'
import { decodeAbState, encodeAbState } from './ab-state.ts'
import { decodeGrubenv, freeFrom, type GrubVariables } from './grubenv.ts'

/** Content of each file; null when it does not exist. */
export interface StartFiles {
  readonly ab_state: Uint8Array | null
  readonly grubenv: Uint8Array | null
  readonly grubenv2: Uint8Array | null
  readonly good: Uint8Array | null
}

export interface Start {
  /** Null: the rescue menu. */
  readonly booted: Slot | null
  /** True when this boot is a trial and its try was saved. */
  readonly counted: boolean
  /** Of a counted trial, after this start. */
  readonly triesLeft: number | null
  /** Of a confirmed slot whose starts are counted, after this one. */
  readonly startsLeft: number | null
  /** What would have booted if that slot had not loaded; null: the rescue menu. */
  readonly spare: Slot | null
  /** The files after the boot loader's own changes; only the blocks differ. */
  readonly after: StartFiles
}

/** Content of the note of the good slot; without one it says so in as many bytes. */
export const encodeGoodNote = (slot: Slot | null): Uint8Array<ArrayBuffer> =>
  slot === null ? utf8('no slot is confirmed yet\n') : encodeAbState(slot)

/** The slot in the note; only the exact bytes count. */
export const decodeGoodNote = (bytes: Uint8Array | null): Slot | null =>
  SLOTS.find((slot) => bytes !== null && equalBytes(bytes, encodeAbState(slot))) ?? null

type BlockFile = 'grubenv' | 'grubenv2'
const BLOCKS: readonly BlockFile[] = ['grubenv', 'grubenv2']
const NAMES_NOTHING: GrubVariables = new Map()

/** True when the boot loader believes what the block says: it has a header, and says which slot is good or that none is. */
export function blockCounts(bytes: Uint8Array | null): boolean {
  const good = bytes && decodeGrubenv(bytes)?.variables.get('ab_good')
  return good === 'A' || good === 'B' || good === ''
}

/** The blocks that the boot loader uses, the first one first. `whole`: they count. */
export function usedBlocks(files: StartFiles): { readonly names: readonly BlockFile[]; readonly whole: boolean } {
  const whole = BLOCKS.filter((name) => blockCounts(files[name]))
  if (whole.length > 0) return { names: whole, whole: true }
  return { names: BLOCKS.filter((name) => decodeGrubenv(files[name] ?? NOTHING) !== null), whole: false }
}
const NOTHING = new Uint8Array(0)

function valuesIn(files: StartFiles, name: BlockFile | undefined): LoaderValues {
  const variables = (name && decodeGrubenv(files[name] ?? NOTHING)?.variables) ?? NAMES_NOTHING
  const value = (variable: LoaderVariable) => variables.get(variable) ?? ''
  const good = variables.get('ab_good')
  const known = good === 'A' || good === 'B' || good === ''
  const read = Object.fromEntries(LOADER_READS.map((each) => [each, value(each)])) as Record<LoaderVariable, string>
  return { ...read, ab_good: known ? good : (decodeGoodNote(files.good) ?? '') }
}

interface Choice {
  readonly decision: Decision
  /** Null: nothing was saved, and nothing had to be. */
  readonly block: BlockFile | null
  readonly after: StartFiles
}

/** By the first block that takes what has to be saved. */
function choose(files: StartFiles): Choice {
  const asked = decodeAbState(files.ab_state).slot
  const { names, whole } = usedBlocks(files)
  for (const block of names) {
    const decision = decideStart(asked, valuesIn(files, block))
    if (decision.saves.length === 0) return { decision, block, after: files }
    const after = save(files, block, decision)
    if (after) return { decision, block, after }
  }
  const decision = decideStart(asked, valuesIn(files, names[0]))
  const blind = !whole && decodeGoodNote(files.good) === null
  return { decision: withoutCount(decision, blind), block: names[0] ?? null, after: files }
}

/** One start. `loadable`: which slots have a kernel and initrd that load. */
export function startOf(files: StartFiles, loadable: Readonly<Record<Slot, boolean>>): Start {
  const choice = choose(files)
  const { first, counted, values } = choice.decision
  const stand = standIn(choice, files)
  const spare = stand && loadable[stand.slot] ? stand.slot : null
  if (first && loadable[first]) {
    const triesLeft = counted === 'trial' ? Number(values.ab_left) : null
    const startsLeft = counted === 'confirmed' ? Number(values.ab_starts) : null
    return { booted: first, counted: counted === 'trial', triesLeft, startsLeft, spare, after: choice.after }
  }
  const after = stand?.after ?? ended(choice)
  const triesLeft = spare ? (stand?.triesLeft ?? null) : null
  return { booted: spare, counted: triesLeft !== null, triesLeft, startsLeft: null, spare: null, after }
}

/** A trial whose slot did not load is over. */
function ended({ decision, block, after }: Choice): StartFiles {
  if (decision.counted !== 'trial' || block === null) return after
  return save(after, block, endTrial(decision)) ?? after
}

interface StandIn {
  readonly slot: Slot
  /** Null: confirmed, so not counted. */
  readonly triesLeft: number | null
  readonly after: StartFiles
}

/** What boots in the place of a slot that does not load: a confirmed one, or a counted one; null: the rescue menu. */
function standIn(choice: Choice, files: StartFiles): StandIn | null {
  const { decision, block } = choice
  const { second, isProven } = decision
  if (second === null) return null
  const after = ended(choice)
  if (isProven(second)) return { slot: second, triesLeft: null, after }
  const trial = decision.counted === 'trial'
  for (const name of trial && block ? [block] : usedBlocks(files).names) {
    const now = trial ? endTrial(decision).values : valuesIn(files, name)
    const counted = countStandIn(second, now)
    if (counted === null) return null
    const saved = save(after, name, counted)
    if (saved) return { slot: second, triesLeft: Number(counted.values.ab_left), after: saved }
  }
  return null
}

/** Saves into one block; the spare copy follows the first. Null when the block does not take it. */
function save(files: StartFiles, name: BlockFile, what: Pick<Decision, 'values' | 'saves'>): StartFiles | null {
  const block = saveVariables(files[name], what)
  if (!block) return null
  const after = { ...files, [name]: block }
  if (name !== 'grubenv') return after
  return { ...after, grubenv2: saveVariables(files.grubenv2, what) ?? files.grubenv2 }
}

/** GRUB's save_env: all variables or nothing. */
function saveVariables(
  bytes: Uint8Array | null,
  { values, saves }: Pick<Decision, 'values' | 'saves'>,
): Uint8Array | null {
  if (!bytes || !decodeGrubenv(bytes)) return null
  let block: Uint8Array | null = bytes
  for (const name of saves) block = block && setVariable(block, name, values[name])
  return block
}

/** GRUB's grub_envblk_set: replaces the first line that begins with `name=`, else appends one; null without room. */
function setVariable(block: Uint8Array, name: string, value: string): Uint8Array | null {
  const free = freeFrom(block)
  if (free === null) return null
  const line = utf8(`${name}=${value}\n`)
  const mark = utf8(`${name}=`)
  let at = 25
  let end = at
  for (; at + mark.length < free; at = block.indexOf(0x0a, at) + 1) {
    if (!mark.every((byte, index) => block[at + index] === byte)) continue
    end = at + mark.length
    while (end < block.length && block[end] !== 0x0a) end += block[end] === 0x5c ? 2 : 1
    if (end >= block.length) return null
    break
  }
  const found = end > at
  const head = block.subarray(0, found ? at : free)
  const tail = found ? block.subarray(end + 1, free) : new Uint8Array(0)
  const size = head.length + line.length + tail.length
  if (size > block.length) return null
  return concatBytes([head, line, tail, new Uint8Array(block.length - size).fill(0x23)])
}

/**
 * What the rescue menu leaves when it has waited and nobody came; null: it waits for a person, and nothing is saved. In the
 * block that the next start asks first: what another one says would change nothing there.
 */
export function afterRescue(files: StartFiles): StartFiles | null {
  const [name] = usedBlocks(files).names
  const anew = name ? triesAnew(valuesIn(files, name)) : null
  return name && anew ? save(files, name, anew) : null
}

const loadableOf = (records: SlotRecords): Readonly<Record<Slot, boolean>> => ({
  A: records.A.state !== 'empty',
  B: records.B.state !== 'empty',
})

/** The next start as far as the record of the slots tells; a slot that is recorded as empty has no kernel. */
export function nextBootOf(files: StartFiles, records: SlotRecords): NextBoot | null {
  const { booted, counted, triesLeft, startsLeft, spare } = startOf(files, loadableOf(records))
  return booted && { slot: booted, counted, triesLeft, startsLeft, spare }
}

/** Where nothing boots next: what does when the rescue menu has waited. Null also where something boots next. */
export function laterBootOf(files: StartFiles, records: SlotRecords): NextBoot | null {
  const { booted, after } = startOf(files, loadableOf(records))
  const anew = booted === null ? afterRescue(after) : null
  return anew && nextBootOf(anew, records)
}
