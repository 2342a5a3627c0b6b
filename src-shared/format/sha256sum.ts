// Checksum files. Ours is the format of coreutils' sha256sum: 64 hexadecimal digits, a space, a space (text) or `*` (binary),
// the name; a leading backslash says that the name has \\, \n and \r escaped. What other tools write is read where it can
// mean one thing only: BSD's and OpenSSL's `SHA256 (NAME) = HEX`, a bare checksum, certutil, PowerShell; UTF-8 and UTF-16.
// Anything else is named as what it was found to be. The checksum finds mistakes; what is believed is the signature.
import { fromUtf8, utf8 } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'

export const MAX_SHA256SUM_SIZE = 1 << 20

const HEX = '([0-9a-fA-F]{64})'
const GNU = new RegExp(`^(\\\\?)${HEX} [ *]?(.+)$`)
const BSD = new RegExp(`^SHA2?-?256 ?\\((.+)\\) ?= ?${HEX}$`)
const BARE = new RegExp(`^${HEX}[ \\t]?$`)
/** `SHA256 hash of NAME:` in whatever language; the checksum is on the next line. */
const CERTUTIL = /^SHA256\b.*?\s(?:of (?:file )?)?(\S.*|\S+):$/
const CERTUTIL_NAME = /^SHA256(?: hash of(?: file)?|.*\s(?:von|de|di|для|van))\s+(.+):$/
const POWERSHELL = new RegExp(`^SHA256\\s+${HEX}\\s+(\\S.*)$`)
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r' }

export interface Sha256Line {
  /** Null for a bare checksum, which names no file. */
  readonly name: string | null
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

const badLine = (line: number, found: string) => new EngineError('format.sha256sum-line', { line, found })

/** Text in UTF-8, or in UTF-16 where a byte order mark says so. */
function textOf(bytes: Uint8Array): string {
  if (bytes.length > MAX_SHA256SUM_SIZE) throw badLine(1, `part of a file of more than ${MAX_SHA256SUM_SIZE} bytes`)
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return utf16(bytes, true)
  if (first === 0xfe && second === 0xff) return utf16(bytes, false)
  const text = fromUtf8(bytes)
  if (text === null) return otherText(bytes)
  if (text.includes('\0')) throw badLine(1, 'binary, or UTF-16 without a byte order mark')
  return text.replace(/^\ufeff/, '')
}

/** What certutil says around the checksum is in the code page of its system; that letters are wrong there does not matter. */
function otherText(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: text has none of them
  if (!/^SHA256\b/.test(text) || /[\0-\x08\x0e-\x1f]/.test(text)) throw badLine(1, 'in bytes that are no text')
  return text
}

function utf16(bytes: Uint8Array, littleEndian: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length % 2 !== 0) throw badLine(1, 'UTF-16 text that is cut off')
  const units: string[] = []
  for (let at = 2; at < bytes.length; at += 2) units.push(String.fromCharCode(view.getUint16(at, littleEndian)))
  return units.join('')
}

function gnuName(escaped: string, written: string, line: number): string {
  if (!escaped) return written
  if (/\\(?![\\nr])/.test(written.replaceAll('\\\\', ''))) throw badLine(line, 'a name with an escape that is unknown')
  return written.replace(/\\([\\nr])/g, (_, code: string) => ESCAPES[code])
}

/** Null when it is no line of a checksum. */
function parseLine(text: string, line: number): Sha256Line | null {
  const entry = (name: string | null, hex: string) => ({ name, sha256: hex.toLowerCase() })
  const bare = BARE.exec(text)
  if (bare) return entry(null, bare[1])
  const gnu = GNU.exec(text)
  if (gnu) return entry(gnuName(gnu[1], gnu[3], line), gnu[2])
  const bsd = BSD.exec(text)
  if (bsd) return entry(bsd[1], bsd[2])
  const powershell = POWERSHELL.exec(text)
  return powershell ? entry(powershell[2].trim(), powershell[1]) : null
}

const LENGTHS: Readonly<Record<number, string>> = {
  32: 'MD5',
  40: 'SHA-1',
  56: 'SHA-224',
  96: 'SHA-384',
  128: 'SHA-512',
}

/** What a line is that gives no SHA-256, in words. */
function whatIs(text: string): string {
  if (/^-----BEGIN PGP SIGNED/.test(text)) return 'the start of a signed message (clear-signed)'
  if (/^-----BEGIN/.test(text)) return `the line "${text.slice(0, 60)}"`
  if (/^<(!doctype|html|\?xml)/i.test(text)) return 'a web page'
  const tagged = /^(MD5|SHA-?1|SHA2?-?(?:224|384|512)|BLAKE2b|SHA3-\d+)\s?\(.*\)\s?=/i.exec(text)
  if (tagged) return `a checksum by ${tagged[1]}`
  const digits = /^\\?([0-9a-fA-F]+)(\s|$)/.exec(text)?.[1].length ?? 0
  if (LENGTHS[digits]) return `a checksum of ${digits} digits (${LENGTHS[digits]})`
  if (digits > 16) return `a checksum of ${digits} digits instead of 64`
  return 'something else'
}

/** Lines that stand around a checksum and say nothing of it. */
const SAYS_NOTHING = [/^\s*$/, /^#/, /^CertUtil: /, /^Algorithm\s+Hash\s+Path\s*$/, /^[-\s]+$/]

/**
 * All lines that give a SHA-256; empty and comment lines are skipped, line ends may be LF or CR LF.
 * Throws `format.sha256sum-line` with what was found instead.
 */
export function parseSha256sum(bytes: Uint8Array): Sha256Line[] {
  const rows = textOf(bytes)
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
  const found: Sha256Line[] = []
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]
    if (SAYS_NOTHING.some((pattern) => pattern.test(row))) continue
    // Old certutils put a space after each byte.
    const digits = (rows[index + 1] ?? '').replaceAll(' ', '')
    if (CERTUTIL.test(row) && BARE.test(digits)) {
      const name = CERTUTIL_NAME.exec(row)?.[1] ?? CERTUTIL.exec(row)?.[1] ?? null
      found.push({ name, sha256: digits.toLowerCase() })
      index++
      // What certutil says behind it is in the language of the system.
      if (/^CertUtil:?\s/.test(rows[index + 1] ?? '')) index++
      continue
    }
    const line = parseLine(row, index + 1)
    if (!line) throw badLine(index + 1, whatIs(row))
    found.push(line)
  }
  return found
}

const baseName = (name: string): string => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)

/**
 * The SHA-256 that the checksum file gives for the image called `name` (without folder). Lines may name it with a folder;
 * a bare checksum is the image's when it is the only one.
 * Throws `format.sha256sum-line`, `format.sha256sum-missing`, `format.sha256sum-ambiguous` (different ones for the name).
 */
export function sha256For(bytes: Uint8Array, name: string): string {
  const lines = parseSha256sum(bytes)
  const mine = (line: Sha256Line) => line.name === name || (line.name !== null && baseName(line.name) === name)
  // `sha256sum < IMAGE` calls it "-".
  const bare = lines.some((line) => line.name === null || line.name === '-')
  const digests = new Set(lines.filter((line) => bare || mine(line)).map((line) => line.sha256))
  if (digests.size > 1) throw new EngineError('format.sha256sum-ambiguous', { expected: name })
  const [digest] = digests
  if (digest === undefined) {
    const [only] = lines
    const found =
      lines.length === 1 && only.name !== null ? JSON.stringify(only.name.slice(0, 128)) : `${lines.length} other files`
    throw new EngineError('format.sha256sum-missing', { expected: JSON.stringify(name), found })
  }
  return digest
}

/** The line that `sha256sum` prints for a file, with its line end. */
export function formatSha256sum({
  name,
  sha256,
}: {
  readonly name: string
  readonly sha256: string
}): Uint8Array<ArrayBuffer> {
  const escaped = name.replace(/[\\\n\r]/g, (char) => (char === '\\' ? '\\\\' : char === '\n' ? '\\n' : '\\r'))
  return utf8(`${escaped === name ? '' : '\\'}${sha256}  ${escaped}\n`)
}
