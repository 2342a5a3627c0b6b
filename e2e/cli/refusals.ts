// What every refusal must be: its exact code and exit code, the disk not touched, the result saying so, and a message
// without holes, with a remedy.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { decodeBundleHead } from '#format/bundle.ts'
import { storedOffsets } from '#format/image-layout.ts'
import { decodeManifest } from '#format/manifest.ts'
import type { Room } from './bench-room.ts'
import type { Run } from './twinslot.ts'

/** Inode, size and time of the last change: any write to the file shows. Null when there is no file. */
export function stateOf(path: string): string | null {
  if (!existsSync(path)) return null
  const { size, mtimeNs, ino } = statSync(path, { bigint: true })
  return `${ino} ${size} bytes, written at ${mtimeNs}`
}

export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}

/** Runs a command that must be refused, and that must leave `disk` (or no file there) as it was. */
export async function refused(
  room: Room,
  disk: string,
  args: readonly string[],
  code: string,
  exit: number,
  because = '',
): Promise<Run> {
  const before = stateOf(disk)
  const run = await room.run(args)
  const told = `${because} ${JSON.stringify(run.result)}\n${run.stderr}`
  assert.equal(run.result.ok, false, told)
  assert.equal(run.result.code, code, told)
  assert.equal(run.exit, exit, told)
  assert.equal(run.result.exit, exit, told)
  assert.equal(run.result.written, false, told)
  assert.equal(run.result.account, 'Nothing was written.', told)
  assert.equal(stateOf(disk), before, `the disk was touched: ${told}`)
  for (const { message, remedy } of run.result.findings ?? []) {
    assert.doesNotMatch(`${message} ${remedy}`, /[{}]|undefined|\[object|NaN/, told)
    assert.ok(remedy.length > 0, told)
  }
  return run
}

/** Where the parts of a bundle lie, so that tests can aim. */
export function anatomy(bundle: string) {
  const bytes = readFileSync(bundle)
  const frame = decodeBundleHead(bytes)
  const text = bytes.subarray(frame.manifestOffset, frame.manifestOffset + frame.manifestLength)
  const manifest = decodeManifest(text)
  const system = manifest.images.find((image) => image.role === 'system')
  const esp = manifest.images.find((image) => image.role === 'esp')
  if (!system) throw new Error('the bundle has a system image')
  const blocks = storedOffsets(system, frame.payloadOffset + system.offset)
  return {
    bytes,
    frame,
    system,
    /** Offset of each stored block of the system image, then its end. */
    blocks: [...blocks],
    espOffset: frame.payloadOffset + (esp?.offset ?? 0),
    /** Of the first hexadecimal digit of the first block's digest in the manifest's text. */
    digestOffset: frame.manifestOffset + text.indexOf(system.blocks[0]),
  }
}

export function flipBit(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[at] ^= 1
  return changed
}

/** Writes a file of the room and answers its path. */
export function file(room: Room, name: string, content: string | Uint8Array): string {
  writeFileSync(room.path(name), content)
  return room.path(name)
}

/** Cases that do not touch each other, on both cores. */
export async function twoAtOnce<T>(cases: readonly T[], check: (one: T) => Promise<void>): Promise<void> {
  const rest = [...cases]
  const lane = async () => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) await check(one)
  }
  await Promise.all([lane(), lane()])
}
