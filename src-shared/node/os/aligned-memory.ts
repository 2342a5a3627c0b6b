// Memory that O_DIRECT accepts. Plain Buffers are aligned to 8 bytes only; the memory of a WebAssembly instance starts on
// a page, and Node has no other way to get one. Small requests share a slab, since each memory costs a mapping.

// Node has it as a global; its types come with the DOM library only, which we do not want here.
declare const WebAssembly: {
  readonly Memory: {
    new (size: { initial: number; maximum: number; shared: true }): { readonly buffer: SharedArrayBuffer }
    new (size: { initial: number; maximum: number }): { readonly buffer: ArrayBuffer }
  }
}

/** Alignment of every buffer from here, and what isAligned checks; fits devices with 512 and 4096 byte sectors. */
export const MEMORY_ALIGNMENT = 4096
const WASM_PAGE = 65536
const SLAB = 16 * WASM_PAGE

const ours = new WeakSet<object>()
let slab: ArrayBuffer | null = null
let slabUsed = 0

function freshMemory(length: number): ArrayBuffer {
  const pages = Math.max(1, Math.ceil(length / WASM_PAGE))
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages })
  ours.add(buffer)
  return buffer
}

/** A zeroed buffer of `length` bytes that starts on a page boundary. */
export function allocateAligned(length: number): Uint8Array<ArrayBuffer> {
  if (length >= WASM_PAGE) return new Uint8Array(freshMemory(length), 0, length)
  const room = Math.max(MEMORY_ALIGNMENT, Math.ceil(length / MEMORY_ALIGNMENT) * MEMORY_ALIGNMENT)
  if (!slab || slabUsed + room > slab.byteLength) {
    slab = freshMemory(SLAB)
    slabUsed = 0
  }
  const part = new Uint8Array(slab, slabUsed, length)
  slabUsed += room
  return part
}

/** The same in memory that worker threads can share. Not every web function accepts such memory: for bulk data only. */
export function allocateShared(length: number): Uint8Array {
  const pages = Math.max(1, Math.ceil(length / WASM_PAGE))
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  ours.add(buffer)
  return new Uint8Array(buffer, 0, length)
}

/** True when direct I/O accepts this buffer's address. */
export const isAligned = (bytes: Uint8Array): boolean =>
  bytes.byteOffset % MEMORY_ALIGNMENT === 0 && ours.has(bytes.buffer)
