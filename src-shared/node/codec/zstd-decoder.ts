// Decodes zstd frames into memory that is there already. Node's zstdDecompressSync makes a new decoder and a new output
// buffer per call, which costs 100 MiB and more while a large image is decoded; the decoder behind its streams can be
// used again and writes where it is told. That decoder is not public: where it looks different, the public way is taken.
// zstd-decoder.test.ts tells us with which Node that begins.
import { constants, createZstdDecompress, zstdDecompressSync } from 'node:zlib'

interface Handle {
  onerror: (message: string, errno: number, code: string) => void
  reset(): void
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void
}

export interface ZstdDecoder {
  /** True when memory is used again. */
  readonly reuses: boolean
  /** Fills `target` from its start and answers how many bytes came out (never more than fit). Throws Error on damaged data. */
  decode(stored: Uint8Array, target: Uint8Array): number
}

const isHandle = (value: unknown): value is Handle =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, 'writeSync') === 'function' &&
  typeof Reflect.get(value, 'reset') === 'function'

interface Insides {
  readonly handle: Handle
  /** Bytes of output and input that were left over by the last call. */
  readonly state: Uint32Array
}

function insidesOf(stream: object): Insides | null {
  const handle: unknown = Reflect.get(stream, '_handle')
  const state: unknown = Reflect.get(stream, '_writeState')
  return isHandle(handle) && state instanceof Uint32Array && state.length === 2 ? { handle, state } : null
}

/** A decoder for one thread; calls must not overlap (they are synchronous). */
export function openZstdDecoder(): ZstdDecoder {
  let insides = insidesOf(createZstdDecompress())
  if (!insides) return publicDecoder
  return {
    reuses: true,
    decode(stored, target) {
      insides ??= insidesOf(createZstdDecompress())
      if (!insides) return publicDecoder.decode(stored, target)
      const { handle, state } = insides
      let problem = ''
      handle.onerror = (message) => {
        problem = message
      }
      handle.reset()
      handle.writeSync(constants.ZSTD_e_end, stored, 0, stored.length, target, 0, target.length)
      if (problem) {
        // It remembers the failure whatever one does: the next call gets a new one.
        insides = null
        throw new Error(problem)
      }
      const [outputLeft, inputLeft] = state
      if (inputLeft > 0) throw new RangeError(`more than ${target.length} bytes came out`)
      return target.length - outputLeft
    },
  }
}

export const publicDecoder: ZstdDecoder = {
  reuses: false,
  decode(stored, target) {
    const data = zstdDecompressSync(stored, { maxOutputLength: Math.max(1, target.length) })
    target.set(data)
    return data.length
  },
}
