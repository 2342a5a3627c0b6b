// Takes a stream of chunks apart at exact positions: headers are taken, bodies are passed on. For formats whose parts
// follow one another in one stream (frames, members, streams); memory is bounded by one chunk and the largest `take`.

export interface ByteFeed {
  /** Exactly `length` bytes; fewer only when the stream ends before. */
  take(length: number): Promise<Uint8Array>
  /** The next `length` bytes in pieces. @throws Error when the stream ends before */
  pass(length: number): AsyncGenerator<Uint8Array>
}

export function byteFeed(chunks: AsyncIterable<Uint8Array>): ByteFeed {
  const source = chunks[Symbol.asyncIterator]()
  let rest: Uint8Array = new Uint8Array(0)
  const more = async (): Promise<boolean> => {
    while (rest.length === 0) {
      const next = await source.next()
      if (next.done) return false
      rest = next.value
    }
    return true
  }
  const part = (most: number): Uint8Array => {
    const bytes = rest.subarray(0, most)
    rest = rest.subarray(bytes.length)
    return bytes
  }
  return {
    async take(length) {
      const bytes = new Uint8Array(length)
      let filled = 0
      while (filled < length && (await more())) {
        const next = part(length - filled)
        bytes.set(next, filled)
        filled += next.length
      }
      return bytes.subarray(0, filled)
    },
    async *pass(length) {
      for (let left = length; left > 0; ) {
        if (!(await more())) throw new Error(`the file ends ${left} bytes before the end of a part`)
        const next = part(left)
        left -= next.length
        yield next
      }
    },
  }
}
