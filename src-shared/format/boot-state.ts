// The boot state <-> the bytes of its files on the ESP (ab_state, grubenv, its spare copy, the note), and a transition as
// the ordered list of overwrites. Reading falls back exactly as the boot loader does and says what it met.
import { equalBytes } from '#base/bytes.ts'
import { type Finding, finding } from '#base/errors.ts'
import {
  type BootFile,
  type BootState,
  ESP_PATH,
  factoryState,
  NO_BOOT_STATE,
  STARTS,
  TRIES,
  type Transition,
} from '#model/boot-state.ts'
import type { Slot } from '#model/slot.ts'
import { decodeAbState, encodeAbState } from './ab-state.ts'
import { blockCounts, decodeGoodNote, encodeGoodNote, usedBlocks } from './boot-start.ts'
import { decodeGrubenv, encodeGrubenv, GRUBENV_SIZE, type GrubVariables, isPlainName } from './grubenv.ts'

/** Content of each file; null when it does not exist. */
export type BootFiles = Readonly<Record<BootFile, Uint8Array | null>>

export interface BootReading {
  readonly state: BootState
  readonly findings: readonly Finding[]
}

/** One file to overwrite in place (create it with this content when it is missing), then flush. */
export interface Overwrite {
  readonly file: BootFile
  /** Where it is on the ESP. */
  readonly path: string
  readonly bytes: Uint8Array
}

/** What the boot files say. Never throws. Findings: `boot.ab-state-*`, `boot.env-damaged`, `boot.env-lost`, `boot.env-value`. */
export function decodeBootState(files: BootFiles): BootReading {
  const wanted = decodeAbState(files.ab_state)
  const { names, whole } = usedBlocks(files)
  const used = names.length > 0 ? decodeGrubenv(files[names[0]] ?? new Uint8Array(0)) : null
  const lost = finding('boot.env-lost', { expected: `/${ESP_PATH.grubenv}, /${ESP_PATH.grubenv2}` })
  const env = used ? readVariables(used.variables) : { state: NO_BOOT_STATE, findings: [] }
  // Where no block says which slot is good, the note does.
  const good = whole ? env.state.good : decodeGoodNote(files.good)
  return {
    state: { ...env.state, good, wanted: wanted.slot },
    findings: [
      ...wanted.findings,
      ...blockFindings('grubenv', files.grubenv),
      ...blockFindings('grubenv2', files.grubenv2),
      ...(whole ? env.findings : [lost]),
    ],
  }
}

function blockFindings(file: 'grubenv' | 'grubenv2', bytes: Uint8Array | null): Finding[] {
  const damaged = (found: string): Finding[] => [
    finding('boot.env-damaged', { file: `/${ESP_PATH[file]}`, expected: `a block of ${GRUBENV_SIZE} bytes`, found }),
  ]
  if (bytes === null) return damaged('missing')
  const block = decodeGrubenv(bytes)
  if (!block) return damaged(`${bytes.length} bytes without its header`)
  if (block.damage) return damaged(block.damage)
  return blockCounts(bytes) ? [] : damaged('no word about which slot is good')
}

/** Our variables in the order in which they are written: all of them in the block's first sector. */
const NAMES = ['ab_good', 'ab_try', 'ab_left', 'ab_failed', 'ab_a', 'ab_b', 'ab_run', 'ab_starts', 'ab_once'] as const

function readVariables(variables: GrubVariables): BootReading {
  const findings: Finding[] = []
  const pick = <T extends string>(name: (typeof NAMES)[number], allowed: readonly T[]): T | null => {
    const value = variables.get(name) ?? ''
    if (value === '') return null
    const known = allowed.find((candidate) => candidate === value)
    if (known === undefined) {
      const found = `${value.length} characters of something else`
      findings.push(finding('boot.env-value', { name, expected: allowed.join(' or '), found }))
    }
    return known ?? null
  }
  const slots: readonly Slot[] = ['A', 'B']
  const marks = ['good', 'bad'] as const
  const left = pick('ab_left', ['3', '2', '1', '0'] as const)
  const starts = pick('ab_starts', ['6', '5', '4', '3', '2', '1', '0'] as const)
  return {
    state: {
      wanted: null,
      good: pick('ab_good', slots),
      trying: pick('ab_try', slots),
      left: left === null ? TRIES : Number(left),
      failed: pick('ab_failed', slots),
      marks: { A: pick('ab_a', marks), B: pick('ab_b', marks) },
      run: pick('ab_run', slots),
      starts: startsOf(variables, starts),
      once: pick('ab_once', slots),
    },
    findings,
  }
}

/** A value that is none of ours begins anew, as in the boot loader; none at all means that nothing is counted. */
const startsOf = (variables: GrubVariables, known: string | null): number | null =>
  known === null ? ((variables.get('ab_starts') ?? '') === '' ? null : STARTS) : Number(known)

/**
 * The environment block of `state`. Variables of others in `previous` are kept behind ours when they are plain.
 * Throws `boot.env-full` when they do not fit.
 */
export function encodeBootEnv(state: BootState, previous: Uint8Array | null): Uint8Array {
  const ours: Record<(typeof NAMES)[number], string> = {
    ab_good: state.good ?? '',
    ab_try: state.trying ?? '',
    ab_left: String(state.left),
    ab_failed: state.failed ?? '',
    ab_a: state.marks.A ?? '',
    ab_b: state.marks.B ?? '',
    ab_run: state.run ?? '',
    ab_starts: state.starts === null ? '' : String(state.starts),
    ab_once: state.once ?? '',
  }
  const variables = new Map<string, string>(NAMES.map((name) => [name, ours[name]]))
  for (const [name, value] of (previous && decodeGrubenv(previous)?.variables) ?? [])
    if (!variables.has(name) && isPlainName(name)) variables.set(name, value)
  return encodeGrubenv(variables)
}

/** `ab_state` of a state in which somebody asked for a slot; without one the boot loader's own choice. */
export const abStateOf = ({ wanted, good }: BootState): Uint8Array => encodeAbState(wanted ?? good ?? 'A')

/**
 * The overwrites of a transition, in order; flush after each. Files that already hold the right bytes are left out, so
 * doing a transition again writes nothing. Blocks that are lost are not made anew to say nothing: one without a good slot
 * would make the boot loader count the tries of a slot that it boots uncounted now. Throws `boot.env-full`.
 */
export function overwritesOf(transition: Transition, files: BootFiles): Overwrite[] {
  const { after, order } = transition
  const [used] = usedBlocks(files).names
  const readable = used ? files[used] : null
  const env = readable === null && saysNothing(after) ? null : encodeBootEnv(after, readable)
  const contents: Readonly<Record<BootFile, Uint8Array | null>> = {
    ab_state: after.wanted && encodeAbState(after.wanted),
    grubenv: env,
    grubenv2: env,
    good: env && encodeGoodNote(after.good),
  }
  return order.flatMap((file) => {
    const bytes = contents[file]
    const before = files[file]
    if (bytes === null || (before !== null && equalBytes(before, bytes))) return []
    return [{ file, path: ESP_PATH[file], bytes }]
  })
}

const saysNothing = ({ good, trying, failed, marks }: BootState): boolean =>
  good === null && trying === null && failed === null && marks.A === null && marks.B === null

/** The boot files of a freshly provisioned disk. */
export function factoryFiles(defaultSlot: Slot): Record<BootFile, Uint8Array> {
  const env = encodeBootEnv(factoryState(defaultSlot), null)
  return { ab_state: encodeAbState(defaultSlot), grubenv: env, grubenv2: env, good: encodeGoodNote(defaultSlot) }
}
