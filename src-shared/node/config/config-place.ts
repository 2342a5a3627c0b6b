// Where /config is on a detached disk, and what that partition holds: told by its first bytes.
import { fromUtf8, toHex, viewOf } from '#base/bytes.ts'
import type { BlockDevice } from '#engine/ports.ts'
import type { DiskObservation } from '#model/observation.ts'
import { type ConfigPlace, configPartition } from '#plan/restore.ts'

const HEAD = 4096
const SUPERBLOCK = 1024
const MAGIC = 0xef53
const LUKS = 'LUKS\xba\xbe'

/** Null when no partition has one of the known names. @throws EngineError `disk.*` */
export async function findConfigPlace(device: BlockDevice, seen: DiskObservation): Promise<ConfigPlace | null> {
  const found = configPartition(seen)
  if (!found) return null
  const head = device.allocate(Math.min(HEAD, found.at.length))
  await device.read(found.at.offset, head)
  const nothing = { ...found, uuid: null, label: null, free: null }
  if (String.fromCharCode(...head.subarray(0, LUKS.length)) === LUKS) return { ...nothing, holds: 'encrypted' }
  if (head.length < HEAD || viewOf(head).getUint16(SUPERBLOCK + 56, true) !== MAGIC)
    return { ...nothing, holds: 'other' }
  const id = toHex(head.subarray(SUPERBLOCK + 104, SUPERBLOCK + 120))
  const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const label = fromUtf8(head.subarray(SUPERBLOCK + 120, SUPERBLOCK + 136))?.split('\0')[0] ?? ''
  return { ...found, holds: 'ext4', uuid, label: label === '' ? null : label, free: freeIn(viewOf(head)) }
}

/** Free blocks and inodes of the superblock (kernel documentation, ext4, "The Super Block"); reserved ones count for root. */
function freeIn(view: DataView): { readonly bytes: number; readonly entries: number } {
  const word = (at: number) => view.getUint32(SUPERBLOCK + at, true)
  const is64Bit = (word(0x60) & 0x80) !== 0
  const blocks = word(0x0c) + (is64Bit ? word(0x158) * 2 ** 32 : 0)
  return { bytes: blocks * 1024 * 2 ** Math.min(word(0x18), 6), entries: word(0x10) }
}
