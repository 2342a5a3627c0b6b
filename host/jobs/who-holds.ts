// Which processes have a disk or one of its partitions open, by name: "busy" alone helps nobody. Linux only; processes of
// others are seen as far as this one may look.
import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { readBoundedText } from '#node/os/bounded-read.ts'

/** At most `limit` names with their numbers, such as `gparted (4711)`; empty where nothing can be seen. */
export async function whoHolds(path: string, proc = '/proc', limit = 3): Promise<readonly string[]> {
  const partition = new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(p?\\d+)?$`)
  const found: string[] = []
  for (const pid of await numbersIn(proc)) {
    if (found.length >= limit) break
    if (Number(pid) === process.pid) continue
    const links = await numbersIn(join(proc, pid, 'fd'))
    for (const fd of links) {
      const target = await readlink(join(proc, pid, 'fd', fd)).catch(() => '')
      if (!partition.test(target)) continue
      const name = await readBoundedText(join(proc, pid, 'comm')).catch(() => '?')
      found.push(`${name.trim()} (${pid})`)
      break
    }
  }
  return found
}

/** Entries that are numbers; none when the folder cannot be read (a process that ended, or of somebody else). */
const numbersIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).filter((name) => /^\d+$/.test(name))
