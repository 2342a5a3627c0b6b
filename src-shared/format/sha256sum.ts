// Checksum files in the format of coreutils' sha256sum (info coreutils "md5sum invocation"): 64 hexadecimal digits, a
// space, a space (text) or `*` (binary), the name; a leading backslash says that the name has \\, \n and \r escaped.
import { fromUtf8, utf8 } from '../base/bytes.ts'
import { EngineError } from '../base/errors.ts'

export const MAX_SHA256SUM_SIZE = 1 << 20

const LINE = /^(\\?)([0-9a-fA-F]{64}) [ *](.+)$/
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r' }

export interface Sha256Line {
  readonly name: string
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

function parseLine(text: string, line: number): Sha256Line {
  const match = LINE.exec(text)
  const bad = new EngineError('format.sha256sum-line', { line })
  if (!match) throw bad
  const [, escaped, digest, written] = match
  if (escaped && /\\(?![\\nr])/.test(written.replaceAll('\\\\', ''))) throw bad
  const name = escaped ? written.replace(/\\([\\nr])/g, (_, code: string) => ESCAPES[code]) : written
  return { name, sha256: digest.toLowerCase() }
}

/** All lines; throws `format.sha256sum-line`. Line ends may be LF or CR LF; empty lines are skipped. */
export function parseSha256sum(bytes: Uint8Array): Sha256Line[] {
  const text = bytes.length > MAX_SHA256SUM_SIZE ? null : fromUtf8(bytes)
  if (text === null) throw new EngineError('format.sha256sum-line', { line: 1 })
  return text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .flatMap((line, index) => (line === '' ? [] : [parseLine(line, index + 1)]))
}

const baseName = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

/**
 * The SHA-256 that the checksum file gives for the image called `name` (without folder). Lines may name it with a folder.
 * Throws `format.sha256sum-line`, `format.sha256sum-missing`, `format.sha256sum-ambiguous` (different ones for the name).
 */
export function sha256For(bytes: Uint8Array, name: string): string {
  const lines = parseSha256sum(bytes)
  const digests = new Set(lines.filter((line) => baseName(line.name) === name).map((line) => line.sha256))
  if (digests.size > 1) throw new EngineError('format.sha256sum-ambiguous', { expected: name })
  const [digest] = digests
  if (digest === undefined) {
    const found = lines.length === 1 ? JSON.stringify(lines[0].name.slice(0, 128)) : `${lines.length} other files`
    throw new EngineError('format.sha256sum-missing', { expected: JSON.stringify(name), found })
  }
  return digest
}

/** The line that `sha256sum` prints for a file, with its line end. */
export function formatSha256sum({ name, sha256 }: Sha256Line): Uint8Array<ArrayBuffer> {
  const escaped = name.replace(/[\\\n\r]/g, (char) => (char === '\\' ? '\\\\' : char === '\n' ? '\\n' : '\\r'))
  return utf8(`${escaped === name ? '' : '\\'}${sha256}  ${escaped}\n`)
}
