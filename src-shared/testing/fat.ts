// Builders and foreign judges for tests of FAT32 volumes.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fat32Spec } from '#format/fat32/build.ts'
import { buildFat32, type FatVolume, openFat } from '#format/fat32/fat32.ts'
import { requireTool, runTool } from '#node/os/run-tool.ts'
import { type SparseBytes, sparseBytes } from './sparse-bytes.ts'

export const MIB = 1024 * 1024
/** Where the test volumes lie on their disk. */
export const AT = MIB

export const fatSpec = (change: Partial<Fat32Spec> = {}): Fat32Spec => ({
  size: 34 * MIB,
  sectorSize: 512,
  volumeId: 0x20261122,
  label: 'TWIN-ESP',
  time: new Date('2026-11-22T03:04:06Z'),
  files: [],
  partitionOffset: AT,
  ...change,
})

/** A disk with garbage around and under a volume that was written as the provisioner does it. */
export async function fatDisk(
  change: Partial<Fat32Spec> = {},
  background = 0,
): Promise<{ disk: SparseBytes; volume: FatVolume }> {
  const spec = fatSpec(change)
  const disk = sparseBytes(AT + spec.size + MIB, spec.sectorSize, background)
  const image = buildFat32(spec)
  for (const { offset, bytes } of image.extents) disk.fill(AT + offset, bytes)
  for (const { offset, length } of image.zeroes) disk.fill(AT + offset, new Uint8Array(length))
  return { disk, volume: await openFat(disk, AT, spec.size) }
}

/** What `fsck.vfat -n` says about the volume; code 0 means no problem. */
export async function fsckVfat(disk: SparseBytes): Promise<{ code: number; said: string }> {
  return inFile(disk, async (path) => {
    const { code, stdout, stderr } = await runTool('fsck.vfat', ['-n', path], { timeoutMs: 60_000 })
    return { code, said: stdout + stderr }
  })
}

/** Stores the volume in a temporary file while `use` runs. */
export async function inFile<T>(disk: SparseBytes, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-fat-'))
  try {
    const path = join(folder, 'volume')
    disk.save(path, AT, disk.size - AT - MIB)
    return await use(path)
  } finally {
    await rm(folder, { recursive: true })
  }
}

export const mtools = (tool: string, image: string, ...args: string[]) =>
  requireTool(tool, ['-i', image, ...args], { timeoutMs: 60_000, env: { MTOOLS_SKIP_CHECK: '0' } })
