// Repeatable randomness for tests: the same seed gives the same bytes on every machine.

/** Numbers in [0, 1) from a 32-bit seed (xorshift). */
export function seededRandom(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 4294967296
  }
}

/** `length` bytes without any structure. */
export function seededBytes(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = seededRandom(seed)
  const words = new Uint32Array(Math.ceil(length / 4))
  for (let i = 0; i < words.length; i++) words[i] = random() * 4294967296
  return new Uint8Array(words.buffer, 0, length)
}
