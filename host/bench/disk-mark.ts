// How one notices that a disk was unplugged or written to, by whomever: the kernel counts both. For a file its times do.
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { DiskMark } from '#contract/disk-facts.ts'
import type { DiskInfo } from '#model/disk.ts'
import { readBoundedText } from '#node/os/bounded-read.ts'

/** Fields of /sys/class/block/NAME/stat: writes, sectors written, discards, sectors discarded. */
const CHANGING = [4, 6, 11, 13] as const

/** `appearance`: a name of this plugging in, for where the kernel has none. */
export async function markOf(
  { bus, path, identity }: DiskInfo,
  appearance: string,
  roots = { sys: '/sys', proc: '/proc' },
): Promise<DiskMark> {
  if (bus === 'file') {
    const found = await stat(path, { bigint: true }).catch(() => null)
    const writes = found && `${found.mtimeNs} ${found.ctimeNs} ${found.size}`
    return { plug: identity.busPath, writes }
  }
  const folder = join(roots.sys, 'class', 'block', basename(path))
  const [boot, sequence, counts] = await Promise.all([
    word(join(roots.proc, 'sys/kernel/random/boot_id')),
    word(join(folder, 'diskseq')),
    word(join(folder, 'stat')),
  ])
  const fields = counts?.split(/\s+/) ?? []
  return {
    plug: boot && sequence ? `${boot} ${sequence}` : appearance,
    writes: counts === null ? null : CHANGING.map((at) => fields[at] ?? '0').join(' '),
  }
}

/** Null where there is no such file: another system, an older kernel, or the disk has just gone. */
const word = async (path: string): Promise<string | null> =>
  (await readBoundedText(path).catch(() => '')).trim() || null
