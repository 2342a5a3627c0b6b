// The boot loader's decision as a pure function over the bytes of the boot files: decide.cfg once more, for tests of
// planners and power cuts that cannot start QEMU ten thousand times. e2e/vm/grub-decisions.test.ts holds it against GRUB.
import { concatBytes, utf8 } from '../base/bytes.ts'
import { decodeAbState } from '../format/ab-state.ts'
import type { BootFiles } from '../format/boot-state.ts'
import { decodeGrubenv, freeFrom } from '../format/grubenv.ts'
import { otherSlot, type Slot } from '../model/slot.ts'

export interface SimulatedBoot {
  /** Null: the rescue menu. */
  readonly booted: Slot | null
  /** True when this boot was a trial and its try was saved. */
  readonly counted: boolean
  readonly triesLeft: number | null
  /** The files after GRUB's own changes; ab_state is never among them. */
  readonly after: BootFiles
}

type Variables = Readonly<Record<'ab_try' | 'ab_left' | 'ab_failed', string>>

/** One start of the machine. `loadable`: which slots have a kernel and initrd that load. */
export function simulateBoot(files: BootFiles, loadable: Readonly<Record<Slot, boolean>>): SimulatedBoot {
  let after = files
  const env = readable(files.grubenv) ? 'grubenv' : readable(files.grubenv2) ? 'grubenv2' : null
  const saved = env === null ? undefined : decodeGrubenv(files[env] ?? new Uint8Array(0))?.variables
  const save = (variables: Variables): boolean => {
    if (env === null) return false
    const block = saveVariables(after[env], variables)
    if (!block) return false
    after = { ...after, [env]: block }
    if (env === 'grubenv') after = { ...after, grubenv2: saveVariables(after.grubenv2, variables) ?? after.grubenv2 }
    return true
  }
  const value = (name: string) => saved?.get(name) ?? ''
  const good = slotIn(value('ab_good'))
  const wanted = decodeAbState(files.ab_state).slot ?? good ?? 'A'
  const other = otherSlot(wanted)
  let [first, second]: [Slot | null, Slot | null] = [wanted, other]
  let trial: Variables | null = null
  if (wanted !== good && env !== null) {
    const usedUp = value('ab_try') === wanted && value('ab_left') === '0'
    if (usedUp && good !== null) {
      ;[first, second] = [good, null]
      if (value('ab_failed') !== wanted) save({ ab_try: wanted, ab_left: '0', ab_failed: wanted })
    } else {
      const onTrial = usedUp || (good === null && value('ab_failed') === wanted) ? other : wanted
      if (onTrial === other) [first, second] = [other, null]
      const fresh = value('ab_try') !== onTrial
      const left = fresh ? '3' : value('ab_left')
      const failed = onTrial === other ? wanted : fresh ? '' : value('ab_failed')
      const next = left === '2' ? '1' : left === '1' ? '0' : '2'
      const variables = { ab_try: onTrial, ab_left: next, ab_failed: failed }
      if (left === '0') first = null
      else if (save(variables)) trial = variables
      else if (good !== null) [first, second] = [other, wanted]
      else if (onTrial === other) first = null
    }
  }
  if (first && loadable[first])
    return { booted: first, counted: trial !== null, triesLeft: trial && Number(trial.ab_left), after }
  if (trial) save({ ...trial, ab_left: '0', ab_failed: wanted })
  return { booted: second && loadable[second] ? second : null, counted: false, triesLeft: null, after }
}

const readable = (bytes: Uint8Array | null): boolean => bytes !== null && decodeGrubenv(bytes) !== null
const slotIn = (value: string): Slot | null => (value === 'A' || value === 'B' ? value : null)

/** GRUB's save_env: all variables or nothing. */
function saveVariables(bytes: Uint8Array | null, variables: Variables): Uint8Array | null {
  if (!bytes || !decodeGrubenv(bytes)) return null
  let block: Uint8Array | null = bytes
  for (const [name, value] of Object.entries(variables)) block = block && setVariable(block, name, value)
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
    while (block[end] !== 0x0a) end += block[end] === 0x5c ? 2 : 1
    break
  }
  const found = end > at
  const head = block.subarray(0, found ? at : free)
  const tail = found ? block.subarray(end + 1, free) : new Uint8Array(0)
  const size = head.length + line.length + tail.length
  if (size > block.length) return null
  return concatBytes([head, line, tail, new Uint8Array(block.length - size).fill(0x23)])
}
