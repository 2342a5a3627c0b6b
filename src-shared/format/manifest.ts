// Manifest bytes <-> model (docs/format/bundle.md section 3). Strict: unknown keys, other forms of the same value and
// broken invariants are refused. Whoever reads signed bytes authenticates them first and decodes them then.
import { z } from 'zod'
import { utf8 } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { isIsoTime } from '#model/iso-time.ts'
import type { Manifest } from '#model/manifest.ts'
import { isVersion } from '#model/version.ts'
import { canonicalJson, parseCanonicalJson } from './canonical-json.ts'
import { checkImageLayout } from './image-layout.ts'

export const MANIFEST_FORMAT = 'twinslot-manifest/1'
export const MAX_BLOCKS = 1 << 20

const size = z.int().min(0)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not 64 lower-case hexadecimal digits')
const time = z.string().refine(isIsoTime, 'not a time like 2026-11-22T04:00:00Z')
const version = z.string().refine(isVersion, 'not a version like 1.0.44 or 2.0-rc.1')
const word = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}$/, 'not a word of letters, digits, ". _ + -"')
/** DMI names have spaces and more; only what could deceive on a screen is kept out. */
const printable = z.string().regex(/^(?! )[^\p{C}\p{Zl}\p{Zp}]{1,128}(?<! )$/u, 'not a printable text of 1 to 128')

const image = z.strictObject({
  role: z.enum(['system', 'esp']),
  size: size.min(1),
  sha256,
  blockSize: size,
  blocks: z.array(sha256).max(MAX_BLOCKS),
  zeroRuns: z.array(z.tuple([size, size])).max(MAX_BLOCKS),
  compression: z.enum(['none', 'zstd', 'gzip', 'xz']),
  offset: size,
  stored: z.array(size).max(MAX_BLOCKS),
})

const manifest = z.strictObject({
  format: z.literal(MANIFEST_FORMAT),
  product: word,
  hardware: z.array(printable).max(64),
  version,
  channel: word,
  counter: size,
  created: time,
  expires: time.nullable(),
  minimumVersion: version.nullable(),
  images: z.array(image).min(1).max(2),
})

const invalid = (where: string, problem: string) => new EngineError('format.manifest-invalid', { where, problem })

function whereOf(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>(
    (all, key) => (typeof key === 'number' ? `${all}[${key}]` : all ? `${all}.${String(key)}` : String(key)),
    '',
  )
  return text || 'the top'
}

/**
 * The manifest that some parsed JSON is.
 * Throws `format.manifest-version` and `format.manifest-invalid`.
 */
export function parseManifest(value: unknown): Manifest {
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined
  if (typeof format === 'string' && format !== MANIFEST_FORMAT)
    throw new EngineError('format.manifest-version', {
      expected: MANIFEST_FORMAT,
      found: format.replace(/[^ -~]/gu, '?').slice(0, 64),
    })
  const parsed = manifest.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw invalid(whereOf(issue.path), issue.message)
  }
  checkManifest(parsed.data)
  return parsed.data
}

/** What no schema says: times in order, nothing twice, every image's own rules, images one after the other. */
function checkManifest({ hardware, created, expires, images }: Manifest): void {
  if (new Set(hardware).size !== hardware.length) throw invalid('hardware', 'a name is listed twice')
  if (expires !== null && expires <= created) throw invalid('expires', 'not after created')
  if (new Set(images.map(({ role }) => role)).size !== images.length) throw invalid('images', 'a role is there twice')
  const problem = checkImageLayout(images)
  if (problem) throw invalid(problem.where, problem.problem)
}

/** Manifest of exactly these bytes; throws `format.json-not-canonical` besides what parseManifest throws. */
export const decodeManifest = (bytes: Uint8Array): Manifest => parseManifest(parseCanonicalJson(bytes))

/** Canonical bytes of a manifest; throws `format.manifest-invalid` when it breaks its own rules. */
export function encodeManifest(value: Manifest): Uint8Array<ArrayBuffer> {
  parseManifest(value)
  return utf8(canonicalJson(value))
}
