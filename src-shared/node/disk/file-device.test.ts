import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { blockDeviceSuite } from '#testing/block-device-suite.ts'
import { createDiskFile, openFileDevice } from './file-device.ts'

const folder = await mkdtemp(join(tmpdir(), 'twinslot-file-'))
after(() => rm(folder, { recursive: true, force: true }))
const MIB = 1024 * 1024
let number = 0
const fresh = () => join(folder, `disk-${number++}.img`)
const code = (expected: Parameters<typeof isEngineError>[1]) => (error: unknown) => isEngineError(error, expected)

for (const sectorSize of [512, 4096]) {
  for (const direct of [true, false]) {
    blockDeviceSuite({
      name: `image file, ${sectorSize} byte sectors, ${direct ? 'direct' : 'cached'}`,
      open: () => createDiskFile(fresh(), 16 * MIB, { sectorSize, direct }),
    })
  }
}

blockDeviceSuite({
  name: 'image file whose end is in the middle of a page',
  open: () => createDiskFile(fresh(), 16 * MIB + 512 * 3),
})

test('direct I/O is claimed only when the file was opened with it', async () => {
  await using cached = await createDiskFile(fresh(), MIB, { direct: false })
  assert.equal(cached.direct, false)
})

test('a new image is sparse and known to be zero until it is written', async () => {
  const path = fresh()
  await using disk = await createDiskFile(path, 64 * MIB)
  assert.equal(await disk.knownZero(0, disk.size), true)
  await disk.write(10 * MIB, new Uint8Array(4096).fill(1))
  assert.equal(await disk.knownZero(10 * MIB, 1), false)
  assert.equal(await disk.knownZero(11 * MIB, 50 * MIB), true)
  await disk.zero(0, disk.size)
  assert.equal(await disk.knownZero(0, disk.size), true)
  await disk.flush()
  const { size, blocks } = await stat(path)
  assert.equal(size, 64 * MIB)
  assert.ok(blocks * 512 < MIB, 'zeroing punches holes instead of filling the file')
})

test('an existing image that we did not make is never called known-zero', async () => {
  const path = fresh()
  await (await createDiskFile(path, MIB))[Symbol.asyncDispose]()
  await using disk = await openFileDevice(path)
  assert.equal(await disk.knownZero(0, 4096), false)
})

test('a file that exists is not replaced unless asked (disk.file-exists)', async () => {
  const path = fresh()
  await writeFile(path, 'precious')
  await assert.rejects(createDiskFile(path, MIB), code('disk.file-exists'))
  assert.equal((await stat(path)).size, 8)
  await using disk = await createDiskFile(path, MIB, { replace: true })
  assert.equal(disk.size, MIB)
  assert.equal(await disk.knownZero(0, MIB), true)
})

test('a dangling symbolic link is not followed when a new image is made', async () => {
  const path = fresh()
  await symlink(join(folder, 'elsewhere'), path)
  await assert.rejects(createDiskFile(path, MIB), code('disk.not-found'))
})

test('two writers of one file are refused (disk.busy); a reader beside a writer is not', async () => {
  const path = fresh()
  {
    await using _first = await createDiskFile(path, MIB)
    await assert.rejects(openFileDevice(path), code('disk.busy'))
    await using reader = await openFileDevice(path, { readOnly: true })
    await assert.rejects(reader.write(0, new Uint8Array(512)), code('disk.read-only'))
  }
  await using again = await openFileDevice(path)
  assert.equal(again.size, MIB)
})

test('what is no disk image is refused with its own code', async () => {
  const directory = join(folder, 'directory')
  await mkdir(directory)
  await assert.rejects(openFileDevice(directory), code('disk.is-directory'))
  await assert.rejects(openFileDevice(directory, { readOnly: true }), code('disk.is-directory'))
  await assert.rejects(openFileDevice(join(folder, 'absent')), code('disk.not-found'))
  await assert.rejects(openFileDevice('/dev/null'), code('disk.not-a-disk'))
  const empty = fresh()
  await writeFile(empty, '')
  await assert.rejects(openFileDevice(empty), code('disk.no-size'))
  await assert.rejects(createDiskFile(fresh(), 0), code('disk.no-size'))
})

test('a file larger than its file system is disk.full', async () => {
  await assert.rejects(createDiskFile(fresh(), 2 ** 52), code('disk.full'))
})

test('a file without write permission is disk.no-permission', async (t) => {
  if (process.getuid?.() === 0) return t.skip('needs an ordinary user: root may write everything')
  const path = fresh()
  await writeFile(path, Buffer.alloc(4096))
  await chmod(path, 0o400)
  await assert.rejects(openFileDevice(path), code('disk.no-permission'))
})

test('a file that shrinks while it is read is disk.read-failed, not a short read', async () => {
  const path = fresh()
  await using disk = await createDiskFile(path, MIB)
  await writeFile(path, Buffer.alloc(1000))
  await assert.rejects(disk.read(4096, disk.allocate(8192)), code('disk.read-failed'))
})
