// Images to write: dense noise, noise with 40 % holes, and something that compresses like a system; made once, cached.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { constants, zstdCompressSync } from 'node:zlib'
import { GIB, MIB } from '#base/bytes.ts'
import { DEFAULT_BLOCK_SIZE } from '#format/image-layout.ts'
import type { ImageTable } from '#model/manifest.ts'
import { sha256Hex } from '#node/codec/hashing.ts'
import { createTableBuilder } from '#node/release/image-table.ts'

export interface Input {
  readonly image: string
  readonly size: number
  /** JSON of an ImageTable. */
  readonly table: string
  /** The image as zstd frames of one block each, and where each begins; null when it was not asked for. */
  readonly zstd: { readonly path: string; readonly index: string } | null
}

const CHUNK = 4 * MIB

/** Bytes of the programs and libraries of this machine, one after the other: compresses like a system image. */
function systemBytes(path: string, size: number): void {
  execFileSync('bash', [
    '-c',
    'tar -C / -cf - usr/lib usr/bin usr/share 2>/dev/null | head -c "$1" > "$2"; test -s "$2"',
    'bench',
    String(size),
    path,
  ])
  if (statSync(path).size < size)
    execFileSync('bash', ['-c', 'openssl rand "$1" >> "$2"', 'bench', String(size - statSync(path).size), path])
}

function noise(path: string, size: number, holeShare: number): void {
  // openssl counts to 2 GiB only.
  const parts = Math.ceil(size / GIB)
  const line = 'for i in $(seq "$1"); do openssl rand "$2"; done > "$3"'
  execFileSync('bash', ['-ec', line, 'bench', String(parts), String(Math.ceil(size / parts)), path])
  if (holeShare === 0) return
  // Runs of 8 to 64 MiB, as free space in a file system has them; which ones is fixed.
  const unit = 8 * MIB
  const file = openSync(path, 'r+')
  const blank = Buffer.alloc(unit)
  for (let at = unit, i = 0; at + unit <= size; at += unit, i++) {
    if ((i * 7) % 20 < holeShare * 20) writeSync(file, blank, 0, unit, at)
  }
  closeSync(file)
  execFileSync('fallocate', ['--dig-holes', path])
}

function describe(path: string, zstd: boolean): { table: ImageTable; frames: number[] } {
  const builder = createTableBuilder(DEFAULT_BLOCK_SIZE)
  const whole = createHash('sha256')
  const file = openSync(path, 'r')
  const out = zstd ? openSync(`${path}.zst`, 'w') : null
  const frames: number[] = []
  const block = Buffer.alloc(CHUNK)
  for (;;) {
    const length = readSync(file, block, 0, CHUNK, null)
    if (length === 0) break
    const part = block.subarray(0, length)
    builder.add(part, sha256Hex(part))
    whole.update(part)
    if (out === null) continue
    const frame = zstdCompressSync(part, { params: { [constants.ZSTD_c_compressionLevel]: 3 }, pledgedSrcSize: length })
    frames.push(frame.length)
    writeSync(out, frame)
  }
  closeSync(file)
  if (out !== null) closeSync(out)
  return { table: builder.finish(whole.digest('hex')), frames }
}

/** Makes an input unless it is there already, and brings it into the page cache. */
export function prepareInput(folder: string, kind: 'dense' | 'holes' | 'system', size: number): Input {
  mkdirSync(folder, { recursive: true })
  const image = join(folder, `${kind}-${size / MIB}.img`)
  const table = `${image}.table.json`
  const zstd = kind === 'system' ? { path: `${image}.zst`, index: `${image}.frames.json` } : null
  if (!existsSync(table)) {
    if (kind === 'system') systemBytes(image, size)
    else noise(image, size, kind === 'holes' ? 0.4 : 0)
    const made = describe(image, zstd !== null)
    if (zstd) writeFileSync(zstd.index, JSON.stringify(made.frames))
    writeFileSync(table, JSON.stringify(made.table))
  }
  for (const path of [image, zstd?.path]) if (path) readFileToCache(path)
  return { image, size, table, zstd }
}

function readFileToCache(path: string): void {
  execFileSync('dd', [`if=${path}`, 'of=/dev/null', 'bs=4M', 'status=none'])
}

export const readTable = (input: Pick<Input, 'table'>): ImageTable => JSON.parse(readFileSync(input.table, 'utf8'))
