import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import type { BlockDevice } from '#engine/ports.ts'
import type { DiskIdentity } from '#model/disk.ts'
import { blockDeviceSuite } from '#testing/block-device-suite.ts'
import { ioFailure } from '../os/os-errors.ts'
import { findTool, requireTool } from '../os/run-tool.ts'
import { openLinuxDevice, rereadPartitions } from './linux-device.ts'

const MIB = 1024 * 1024
const folder = await mkdtemp(join(tmpdir(), 'twinslot-loop-'))
const limit = { timeoutMs: 20_000 }
const attached = new Set<string>()
const detach = async (loop: string) => {
  await requireTool('losetup', ['--detach', loop], limit)
  attached.delete(loop)
}
after(async () => {
  for (const loop of attached) await detach(loop)
  await rm(folder, { recursive: true, force: true })
})
const code = (expected: Parameters<typeof isEngineError>[1]) => (error: unknown) => isEngineError(error, expected)
const identify = async (path: string): Promise<DiskIdentity> => ({
  serial: null,
  wwn: null,
  size: 32 * MIB,
  busPath: path,
})
let number = 0

async function why(): Promise<string | null> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs Linux and root for a loop device'
  return (await findTool('losetup')) ? null : 'needs losetup'
}

/** A loop device over a new sparse file; null when this machine has none to give. */
async function attach(options: readonly string[] = []): Promise<string | null> {
  const file = join(folder, `backing-${number++}`)
  await writeFile(file, '')
  await truncate(file, 32 * MIB)
  const args = ['--find', '--show', '--direct-io=on', ...options, file]
  const outcome = await requireTool('losetup', args, limit).catch(() => null)
  if (!outcome) return null
  attached.add(outcome.stdout.trim())
  return outcome.stdout.trim()
}

async function loopFor(t: TestContext, options: readonly string[] = []): Promise<string | null> {
  const reason = (await why()) ?? ((await attach(options)) as string | null)
  if (reason?.startsWith('/dev/')) return reason
  t.skip(reason ?? 'losetup gives no loop device here')
  return null
}

for (const sectorSize of [512, 4096]) {
  blockDeviceSuite({
    name: `loop device, ${sectorSize} byte sectors`,
    async open(): Promise<BlockDevice | { skip: string }> {
      const reason = await why()
      if (reason) return { skip: reason }
      const loop = await attach(['--sector-size', String(sectorSize)])
      if (!loop) return { skip: 'losetup gives no loop device here' }
      const device = await openLinuxDevice(loop, { identify })
      assert.equal(device.sectorSize, sectorSize)
      return { ...device, [Symbol.asyncDispose]: () => device[Symbol.asyncDispose]().then(() => detach(loop)) }
    },
  })
}

test('a block device is held exclusively: a second writer is disk.busy', async (t) => {
  const loop = await loopFor(t)
  if (!loop) return
  await using _first = await openLinuxDevice(loop, { identify })
  await assert.rejects(openLinuxDevice(loop, { identify }), code('disk.busy'))
  await using reader = await openLinuxDevice(loop, { identify, readOnly: true })
  assert.equal(reader.readOnly, true)
})

test('a mounted block device is disk.busy', async (t) => {
  if (!(await findTool('mke2fs'))) return t.skip('needs mke2fs')
  const loop = await loopFor(t)
  if (!loop) return
  await requireTool('mke2fs', ['-q', '-t', 'ext4', loop], limit)
  const mounted = await requireTool('mount', [loop, '/mnt'], limit).catch(() => null)
  if (!mounted) return t.skip('mounting is not allowed here')
  try {
    await assert.rejects(openLinuxDevice(loop, { identify }), code('disk.busy'))
  } finally {
    await requireTool('umount', ['/mnt'], limit)
  }
})

test('a write-protected block device is disk.read-only', async (t) => {
  const loop = await loopFor(t, ['--read-only'])
  if (!loop) return
  await assert.rejects(openLinuxDevice(loop, { identify }), code('disk.read-only'))
})

test('a large range full of data reads as zero afterwards, and is known to be zero', async (t) => {
  const loop = await loopFor(t)
  if (!loop) return
  await using device = await openLinuxDevice(loop, { identify })
  const data = device.allocate(8 * MIB).fill(7)
  await device.write(8 * MIB, data)
  assert.equal(await device.knownZero(0, 32 * MIB), false)
  await device.zero(0, 32 * MIB)
  await device.flush()
  assert.equal(await device.knownZero(0, 32 * MIB), true)
  await device.read(8 * MIB, data)
  assert.ok(data.every((byte) => byte === 0))
})

test('the kernel sees new partitions after rereadPartitions, also while we hold the disk', async (t) => {
  if (!(await findTool('sgdisk'))) return t.skip('needs sgdisk')
  const loop = await loopFor(t, ['--partscan'])
  if (!loop) return
  const file = join(folder, `backing-${number - 1}`)
  const name = loop.slice('/dev/'.length)
  const seen = () =>
    stat(`/sys/class/block/${name}p1`).then(
      () => true,
      () => false,
    )
  assert.equal(await seen(), false)
  await requireTool('sgdisk', ['--new=1:2048:+4M', file], limit)
  {
    await using device = await openLinuxDevice(loop, { identify })
    await device.flush()
    await rereadPartitions(loop)
    assert.equal(await seen(), true)
  }
  await requireTool('sgdisk', ['--zap-all', file], limit)
  await rereadPartitions(loop)
  assert.equal(await seen(), false)
})

test('what is no block device is refused', async () => {
  await assert.rejects(openLinuxDevice(folder, { identify }), code('disk.is-directory'))
  await assert.rejects(openLinuxDevice('/dev/null', { identify }), code('disk.not-a-disk'))
  await assert.rejects(openLinuxDevice('/dev/no-such-disk', { identify }), code('disk.not-found'))
})

test('errors of the system become codes: a pulled plug is disk.lost, a bad sector is not', async () => {
  const failing = (errno: string) => Object.assign(new Error(errno), { code: errno })
  const map = async (errno: string, gone = false, operation: 'reading' | 'writing' = 'writing') =>
    (await ioFailure('/dev/sdx', operation, 4096, failing(errno), async () => gone)).code
  assert.equal(await map('ENODEV'), 'disk.lost')
  assert.equal(await map('ENXIO'), 'disk.lost')
  assert.equal(await map('EIO', true), 'disk.lost')
  assert.equal(await map('EIO'), 'disk.write-failed')
  assert.equal(await map('EIO', false, 'reading'), 'disk.read-failed')
  assert.equal(await map('ENOSPC'), 'disk.full')
  assert.equal(await map('ENOSPC', true), 'disk.lost')
  assert.equal(await map('EROFS'), 'disk.read-only')
  assert.equal(await map('EPERM'), 'disk.no-permission')
})

test("a disk in use opens only for whoever asks not to be alone: the appliance's own disk", async (t) => {
  const loop = await loopFor(t)
  if (!loop) return
  await using _first = await openLinuxDevice(loop, { identify })
  await assert.rejects(openLinuxDevice(loop, { identify }), code('disk.busy'))
  await using own = await openLinuxDevice(loop, { identify, exclusive: false })
  await own.write(4096, new Uint8Array(512).fill(7))
  const found = new Uint8Array(512)
  await own.read(4096, found)
  assert.equal(found[511], 7)
})
