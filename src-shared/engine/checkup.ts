// The doctor's look at a disk: boot files as they are, the boot loader, the first bytes of each slot. Reads a few kilobytes,
// writes nothing. What it means is judged in plan/repair-facts.ts.
import { sha256 } from '@noble/hashes/sha2.js'
import { isZero, toHex } from '#base/bytes.ts'
import { type Finding, finding, isEngineError } from '#base/errors.ts'
import type { FatVolume } from '#format/fat32/fat32.ts'
import { decodeSuperblock } from '#format/squashfs-superblock.ts'
import type { DiskObservation, Extent } from '#model/observation.ts'
import { type OfferedRepair, offerRepair } from '#plan/offered-repair.ts'
import { type DoctorFacts, damageOf, LOADER, type SlotGlance } from '#plan/repair-facts.ts'
import { readStateFiles } from './boot-files.ts'
import { openEsp } from './observe.ts'
import type { BlockDevice } from './ports.ts'

const HEAD = 4096
const EXT4_MAGIC_AT = 1080

/** Null when the disk is no A/B disk or its ESP cannot be read. @throws EngineError `disk.*` */
export async function checkUp(device: BlockDevice, seen: DiskObservation): Promise<DoctorFacts | null> {
  const { esp, slots, boot } = seen
  if (!esp || !slots || !boot) return null
  const volume = await openEsp(device, esp)
  if ('code' in volume) return null
  try {
    const [files, loader] = [await readStateFiles(volume), await loaderOf(volume)]
    return { files, loader, glances: { A: await glanceAt(device, slots.A), B: await glanceAt(device, slots.B) } }
  } catch (error) {
    if (isEngineError(error) && error.code.startsWith('fat.')) return null
    throw error
  }
}

async function loaderOf(volume: FatVolume): Promise<DoctorFacts['loader']> {
  const entry = await volume.stat(LOADER)
  if (entry?.kind !== 'file') return 'missing'
  if (entry.size === 0) return 'empty'
  const [first] = await volume.extentsOf(LOADER)
  return first && isZero(await volume.read(LOADER)) ? 'empty' : 'present'
}

async function glanceAt(device: BlockDevice, { offset, length }: Extent): Promise<SlotGlance> {
  const head = device.allocate(Math.min(HEAD, length))
  await device.read(offset, head)
  if (isZero(head)) return { kind: 'blank', used: null }
  try {
    const superblock = decodeSuperblock(head, length)
    if (superblock) return { kind: 'squashfs', used: superblock.bytesUsed }
  } catch (error) {
    if (!isEngineError(error, 'image.damaged', 'image.truncated')) throw error
    return { kind: 'other', used: null }
  }
  const ext4 = head.length > EXT4_MAGIC_AT + 1 && head[EXT4_MAGIC_AT] === 0x53 && head[EXT4_MAGIC_AT + 1] === 0xef
  return { kind: ext4 ? 'ext4' : 'other', used: null }
}

/** Everything that is wrong with a disk, each with the repair that would help and be done. @throws EngineError `disk.*` */
export async function findDamage(device: BlockDevice, seen: DiskObservation): Promise<OfferedRepair[]> {
  const facts = await checkUp(device, seen)
  const unreadable = facts ? [] : await espProblem(device, seen)
  const damage = [...damageOf(seen, facts), ...unreadable.map((each) => ({ finding: each, repair: null }))]
  return damage.map((each) => offerRepair(each, seen, facts))
}

async function espProblem(device: BlockDevice, { esp }: DiskObservation): Promise<Finding[]> {
  if (!esp) return []
  const volume = await openEsp(device, esp)
  if ('code' in volume) return [volume]
  try {
    await volume.list('', { recursive: true })
    return []
  } catch (error) {
    if (!isEngineError(error) || !error.code.startsWith('fat.')) throw error
    return [finding(error.code, error.details)]
  }
}

/** SHA-256 of files on the ESP by path; what is not there is left out. @throws EngineError `fat.*`, `disk.*` */
export async function digestsOnEsp(
  device: BlockDevice,
  esp: Extent,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const volume = await openEsp(device, esp)
  const digests = new Map<string, string>()
  if ('code' in volume) return digests
  for (const path of paths)
    if ((await volume.stat(path))?.kind === 'file') digests.set(path, toHex(sha256(await volume.read(path))))
  return digests
}
