// /etc/twinslot/image.json of a system image (docs/format/build-config.md): JSON <-> ImageFacts. Names that are not known
// are ignored, so that a later image is still read.
import { z } from 'zod'
import { fromUtf8, KIB, utf8 } from '#base/bytes.ts'
import { type Finding, finding } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import type { ImageFacts } from '#model/image-facts.ts'
import { isVersion } from '#model/version.ts'
import { boundedJson, jsonProblem } from './bounded-json.ts'

export const IMAGE_FACTS_PATH = '/etc/twinslot/image.json'
export const IMAGE_FACTS_LIMIT = 64 * KIB
const FORMAT = 'twinslot-image/1'

const word = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}$/)
const printable = z.string().regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,128}$/u)
const path = z.string().regex(/^(\/[A-Za-z0-9._-]+)+$/)
const filesystem = z.enum(['fat32', 'ext4', 'xfs', 'none'])
const schema = z.object({
  format: z.literal(FORMAT),
  product: word,
  version: z.string().refine(isVersion),
  counter: z.int().min(0).default(0),
  hardware: z.array(printable).max(64).default([]),
  disk: z
    .object({
      layout: z.string().min(1).max(64),
      mounts: z
        .array(z.object({ partition: printable, path, filesystem, encryption: z.literal('luks2').nullable() }))
        .max(32),
      config: z.object({ partition: printable, bound: path.nullable() }),
      stateDir: path,
      configDir: path,
      filesystems: z.array(filesystem).max(8),
    })
    .nullable()
    .default(null),
})

export const encodeImageFacts = (facts: ImageFacts): Uint8Array =>
  utf8(`${JSON.stringify({ format: FORMAT, ...facts }, null, 2)}\n`)

/** Refusals: `image.bad-facts`. */
export function decodeImageFacts(bytes: Uint8Array): Result<ImageFacts> {
  const bad = (reason: string): Result<ImageFacts> => refuse(badFacts(reason))
  if (bytes.length > IMAGE_FACTS_LIMIT) return bad(`more than ${IMAGE_FACTS_LIMIT} bytes`)
  const text = fromUtf8(bytes)
  if (text === null) return bad('not UTF-8 text')
  let value: unknown
  try {
    value = boundedJson(text, IMAGE_FACTS_LIMIT)
  } catch (error) {
    return bad(jsonProblem(error).replace(/^it is /, ''))
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return ok(withoutFormat(parsed.data))
  const [issue] = parsed.error.issues
  return bad(`wrong at "${issue.path.join('.').slice(0, 64) || 'its root'}"`)
}

const withoutFormat = ({ format: _format, ...facts }: z.infer<typeof schema>): ImageFacts => facts

export const badFacts = (found: string): Finding => finding('image.bad-facts', { path: IMAGE_FACTS_PATH, found })
