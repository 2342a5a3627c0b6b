// /ab_state on the ESP: exactly 25 bytes, `set active_partition="A"` and a newline; one byte differs between A and B.
// Our boot loader does not run this file, it compares it with a closed list of forms; the same list is used here, so
// that what the console shows is what will boot. docs/format/esp.md, ADR 0012.
import { fromUtf8, utf8 } from '#base/bytes.ts'
import { type Finding, finding } from '#base/errors.ts'
import { ESP_PATH } from '#model/boot-state.ts'
import { SLOTS, type Slot } from '#model/slot.ts'

/** The 25 bytes that select `slot`. */
export const encodeAbState = (slot: Slot): Uint8Array<ArrayBuffer> => utf8(`set active_partition="${slot}"\n`)

/** Every content that means `slot`, the exact one first: with and without `set`, name and quotes; LF, CRLF or no end. */
export function abStateForms(slot: Slot): string[] {
  const heads = ['set active_partition=', 'active_partition=', '']
  const values = heads.flatMap((head) => [`${head}"${slot}"`, `${head}${slot}`])
  return values.flatMap((value) => [`${value}\n`, value, `${value}\r\n`])
}

const MEANING = new Map(SLOTS.flatMap((slot) => abStateForms(slot).map((form) => [form, slot] as const)))
const LONGEST = Math.max(...[...MEANING.keys()].map((form) => form.length))

export interface AbState {
  /** The wanted slot, null when the content is none of the accepted forms. */
  readonly slot: Slot | null
  /**
   * When `slot` is null: the slot that a tolerant reader would find somewhere in the text. Boot loaders that run the
   * file may have taken it; ours does not. For people only.
   */
  readonly mentions: Slot | null
  readonly findings: readonly Finding[]
}

/** Never throws. `null` means that the file does not exist. Only the first 4 KiB are looked at for `mentions`. */
export function decodeAbState(bytes: Uint8Array | null): AbState {
  const file = `/${ESP_PATH.ab_state}`
  if (bytes === null) return { slot: null, mentions: null, findings: [finding('boot.ab-state-missing', { file })] }
  const text = bytes.length <= LONGEST ? fromUtf8(bytes) : null
  const slot = text === null ? undefined : MEANING.get(text)
  if (slot) return { slot, mentions: null, findings: [] }
  const latin = String.fromCharCode(...bytes.subarray(0, 4096))
  const mentions = /active_partition="?([AB])"?(?![A-Za-z0-9])/.exec(latin)?.[1] as Slot | undefined
  const found = `${bytes.length} other bytes${mentions ? ` that mention ${mentions}` : ''}`
  const expected = `'set active_partition="A"'`
  return {
    slot: null,
    mentions: mentions ?? null,
    findings: [finding('boot.ab-state-damaged', { file, expected, found })],
  }
}
