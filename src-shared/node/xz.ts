// xz is read, never written: a WebAssembly decoder behind Node's own streams.
import { ReadableStream } from 'node:stream/web'
import xz from 'xz-decompress'

/** Decompresses a sequence of chunks; memory is bounded by the file's dictionary. Throws Error for damaged data. */
export async function* openXz(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = new xz.XzReadableStream(ReadableStream.from<Uint8Array>(chunks))
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
