// Sparse bytes in memory with cheap copies: a fork shares every page until one side writes it.

/** Bytes per page. */
export const PAGE = 16 * 1024
const BLANK = new Uint8Array(PAGE)

export class Pages {
  #pages: Map<number, Uint8Array>
  #owned = new Set<number>()

  constructor(pages: Map<number, Uint8Array> = new Map()) {
    this.#pages = pages
  }

  /** A copy; from now on neither sees what the other writes. */
  fork(): Pages {
    this.#owned.clear()
    return new Pages(new Map(this.#pages))
  }

  read(offset: number, target: Uint8Array): void {
    for (let done = 0; done < target.length; ) {
      const skip = (offset + done) % PAGE
      const take = Math.min(PAGE - skip, target.length - done)
      const page = this.#pages.get((offset + done - skip) / PAGE) ?? BLANK
      target.set(page.subarray(skip, skip + take), done)
      done += take
    }
  }

  write(offset: number, data: Uint8Array): void {
    for (let done = 0; done < data.length; ) {
      const skip = (offset + done) % PAGE
      const take = Math.min(PAGE - skip, data.length - done)
      this.#own((offset + done - skip) / PAGE).set(data.subarray(done, done + take), skip)
      done += take
    }
  }

  zero(offset: number, length: number): void {
    for (let done = 0; done < length; ) {
      const skip = (offset + done) % PAGE
      const take = Math.min(PAGE - skip, length - done)
      const index = (offset + done - skip) / PAGE
      if (take === PAGE) this.#pages.delete(index)
      else if (this.#pages.has(index)) this.#own(index).fill(0, skip, skip + take)
      done += take
    }
  }

  /** True when no page of the range was ever written since it was blank. */
  blank(offset: number, length: number): boolean {
    for (let index = Math.floor(offset / PAGE); index * PAGE < offset + length; index++) {
      if (this.#pages.has(index)) return false
    }
    return true
  }

  /** Numbers of the pages that were ever written, ascending. */
  numbers(): number[] {
    return [...this.#pages.keys()].sort((a, b) => a - b)
  }

  /** The page itself, null when blank. Not to be changed: forks share it. */
  page(number: number): Uint8Array | null {
    return this.#pages.get(number) ?? null
  }

  #own(index: number): Uint8Array {
    const page = this.#pages.get(index)
    if (page && this.#owned.has(index)) return page
    const copy = page ? page.slice() : new Uint8Array(PAGE)
    this.#pages.set(index, copy)
    this.#owned.add(index)
    return copy
  }
}
