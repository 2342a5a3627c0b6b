// xz is read, never written: a WebAssembly decoder behind Node's own streams.
import { ReadableStream } from 'node:stream/web'
import xz from 'xz-decompress'

/** Codes of the decoder (xz-embedded, `enum xz_ret`) for a file that is sound as far as it was read. */
const UNREAD = { 3: 'memory', 4: 'memory', 6: 'options' } as const

/** The file may be sound: it asks for more memory or for other options than this decoder has. */
export class XzUnreadError extends Error {
  readonly kind: 'memory' | 'options'
  constructor(kind: 'memory' | 'options', cause: unknown) {
    super(kind === 'memory' ? 'more memory is needed than is allowed' : 'an option of xz is not read here', { cause })
    this.kind = kind
  }
}

function told(error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error)
  const code = / error code (\d+)/.exec(text)?.[1]
  const kind = UNREAD[Number(code) as keyof typeof UNREAD]
  if (kind) return new XzUnreadError(kind, error)
  const words: Readonly<Record<string, string>> = {
    5: 'it is no xz file',
    7: 'its data is damaged',
    8: 'it ends too early',
  }
  return new Error(words[code ?? ''] ?? text, { cause: error })
}

/** Decompresses a sequence of chunks; memory is bounded by the file's dictionary. Throws Error for damaged data,
 * `XzUnreadError` for what this decoder does not have. */
export async function* openXz(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = new xz.XzReadableStream(ReadableStream.from<Uint8Array>(chunks))
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw told(error)
      })
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
