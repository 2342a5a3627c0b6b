// ASCII armor (RFC 9580 section 6.2) cut into its blocks, so that a second block in a file is never overlooked, and one
// block's bytes. What is damaged is said to be damaged: the checksum counts where there is one.
import { fromUtf8 } from '#base/bytes.ts'

const LINE = /^-----(BEGIN|END) (PGP [A-Z ,0-9/]{1,40})-----$/

export interface ArmorBlock {
  /** `PGP SIGNATURE`, `PGP PUBLIC KEY BLOCK`, ... */
  readonly label: string
  readonly text: string
  /** It ends with its own last line. */
  readonly whole: boolean
}

/** The blocks of an armored file; null when it is not text or has anything but white space around them. */
export function cutArmor(bytes: Uint8Array): ArmorBlock[] | null {
  const text = fromUtf8(bytes)
  if (text === null) return null
  const blocks: ArmorBlock[] = []
  let open: { label: string; lines: string[] } | null = null
  const close = (whole: boolean): void => {
    if (open) blocks.push({ label: open.label, text: `${open.lines.join('\n')}\n`, whole })
    open = null
  }
  for (const line of text.split('\n').map((one) => one.trimEnd())) {
    const [, what, label] = LINE.exec(line) ?? []
    if (what === 'BEGIN') {
      close(false)
      open = { label, lines: [line] }
    } else if (open) {
      const { label: begun, lines }: { label: string; lines: string[] } = open
      lines.push(line)
      if (what === 'END') close(label === begun)
    } else if (line !== '') return null
  }
  close(false)
  return blocks
}

/** Like cutArmor; null as well when one block is not whole. */
export function splitArmor(bytes: Uint8Array): ArmorBlock[] | null {
  const blocks = cutArmor(bytes)
  return blocks?.every(({ whole }) => whole) ? blocks : null
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES = new Map([...ALPHABET].map((char, value) => [char, value]))

export interface ArmorContent {
  readonly bytes: Uint8Array
  /** What is wrong with the block; the bytes are then as far as they could be read. */
  readonly problem: string | null
}

/** The bytes of a block. */
export function decodeArmor({ text, whole }: ArmorBlock): ArmorContent {
  const lines = text.split('\n').slice(1)
  const blank = lines.findIndex((line) => line.trim() === '')
  const headers = lines.slice(0, Math.max(0, blank))
  const body = lines.slice(blank + 1).filter((line) => line !== '' && !LINE.test(line))
  const sum = body.at(-1)?.startsWith('=') ? body.pop()?.slice(1) : undefined
  const { bytes, isClean } = fromBase64(body.join(''))
  const problem = !whole
    ? 'it is cut off'
    : blank < 0 || headers.some((line) => !line.includes(':'))
      ? 'no empty line between its headers and its content'
      : !isClean
        ? 'it holds characters that do not belong there'
        : sum !== undefined && !isSum(sum, bytes)
          ? 'its checksum is wrong, so it is damaged'
          : null
  return { bytes, problem }
}

/** What does not belong there is left out, as other programs do: a revocation behind it must not be overlooked. */
function fromBase64(text: string): { readonly bytes: Uint8Array; readonly isClean: boolean } {
  const plain = text.replace(/={1,2}$/, '')
  const bytes = new Uint8Array(Math.floor((plain.length * 3) / 4))
  let [bits, count, at] = [0, 0, 0]
  let isClean = true
  for (const char of plain) {
    const value = VALUES.get(char)
    if (value === undefined) {
      isClean = false
      continue
    }
    bits = ((bits << 6) | value) & 0xffff
    count += 6
    if (count < 8) continue
    count -= 8
    bytes[at++] = (bits >> count) & 0xff
  }
  return { bytes: bytes.subarray(0, at), isClean }
}

/** CRC-24 of RFC 9580 section 6.1. */
function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce
  for (const byte of bytes) {
    crc ^= byte << 16
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1
      if (crc & 0x1000000) crc ^= 0x1864cfb
    }
  }
  return crc & 0xffffff
}

function isSum(text: string, bytes: Uint8Array): boolean {
  const { bytes: sum, isClean } = fromBase64(text)
  return isClean && sum.length === 3 && ((sum[0] << 16) | (sum[1] << 8) | sum[2]) === crc24(bytes)
}

/** An armored public key block of these bytes. */
export function armorKeys(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a, b = 0, c = 0] = bytes.subarray(at, at + 3)
    const left = Math.min(3, bytes.length - at)
    const all = (a << 16) | (b << 8) | c
    const four = [18, 12, 6, 0].map((shift) => ALPHABET[(all >> shift) & 63]).join('')
    text += `${four.slice(0, left + 1)}${'='.repeat(3 - left)}`
  }
  const rows = text.match(/.{1,64}/g) ?? []
  return `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${rows.join('\n')}\n-----END PGP PUBLIC KEY BLOCK-----\n`
}
