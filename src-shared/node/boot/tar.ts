// A tar archive (ustar, POSIX.1-1988) of a few small files, the same bytes for the same files: what GRUB reads as memdisk.
import { concatBytes, utf8 } from '#base/bytes.ts'

const BLOCK = 512

/** Plain files only; names are at most 99 bytes. Times and owners are zero. */
export function makeTar(files: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const parts = [...files].flatMap(([name, bytes]) => [header(name, bytes.length), padded(bytes)])
  return concatBytes([...parts, new Uint8Array(2 * BLOCK)])
}

function padded(bytes: Uint8Array): Uint8Array {
  const block = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK)
  block.set(bytes)
  return block
}

function header(name: string, size: number): Uint8Array {
  const block = new Uint8Array(BLOCK)
  const put = (offset: number, text: string) => block.set(utf8(text), offset)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`
  put(0, name)
  put(100, octal(0o644, 7))
  put(108, octal(0, 7))
  put(116, octal(0, 7))
  put(124, octal(size, 11))
  put(136, octal(0, 11))
  put(148, ' '.repeat(8))
  put(156, '0')
  put(257, 'ustar\0' + '00')
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return block
}
