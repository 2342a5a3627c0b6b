// What this station knows of each disk (contract/disk-facts.ts), kept in one small file over restarts. Promises: that a job
// begins is on the disk of the station before the job is let go; a file that cannot be read costs what was known, never the start.
import { z } from 'zod'
import { cutOff, type DiskFacts, type DiskNews, diskFacts, reduceDisk } from '#contract/disk-facts.ts'
import { readJsonFile, writeJsonFile } from '#node/os/state-file.ts'
import type { Host } from '../ports.ts'
import { problemOf } from '../problem.ts'

/** Disks that are remembered; those heard of longest ago are forgotten first. */
const MOST = 2000

const fileSchema = z.strictObject({
  schema: z.literal('twinslot-disks/1'),
  disks: z.array(z.tuple([z.string().max(5000), diskFacts])).max(MOST),
})

export interface KnownDisks {
  of(key: string): DiskFacts | null
  /** Resolves when it is kept. @throws EngineError `settings.not-saved` for `began` */
  hear(key: string, news: DiskNews): Promise<void>
  forget(key: string): void
  /** Config folders that an unfinished job still needs. */
  folders(): readonly string[]
}

/** Not worth a write: what is read at the next start then is an older mark, which errs on the side of asking. */
const onlyMark = (before: DiskFacts, after: DiskFacts): boolean =>
  (Object.keys(after) as (keyof DiskFacts)[]).every((key) => key === 'mark' || before[key] === after[key])

export async function openKnownDisks(host: Pick<Host, 'paths' | 'clock' | 'log'>): Promise<KnownDisks> {
  const file = host.paths.disks
  const read = await readJsonFile(file, (value) => fileSchema.safeParse(value).data ?? null)
  if (read.state === 'damaged') host.log(`disks: ${problemOf(read.finding).message}`)
  const disks = new Map(read.state === 'present' ? read.value.disks.map(([key, facts]) => [key, cutOff(facts)]) : [])
  const save = async (): Promise<void> => {
    const newest = [...disks].slice(-MOST)
    await writeJsonFile(file, { schema: 'twinslot-disks/1', disks: newest }, { mode: 0o600 })
  }
  const saveLogged = (): Promise<void> =>
    save().catch((error: unknown) => host.log(`disks: ${problemOf(error).message}`))
  return {
    of: (key) => disks.get(key) ?? null,
    async hear(key, news) {
      const before = disks.get(key) ?? null
      const after = reduceDisk(before, news, host.clock.now())
      if (after === null || after === before) return
      // The one heard of last stands last.
      disks.delete(key)
      disks.set(key, after)
      if (before !== null && onlyMark(before, after)) return
      // A job is not begun when that cannot be written down: nobody would know that it was cut off.
      await (news.type === 'began' ? save() : saveLogged())
    },
    forget(key) {
      if (disks.delete(key)) void saveLogged()
    },
    folders: () =>
      [...disks.values()].flatMap(({ unfinished }) =>
        unfinished && 'config' in unfinished.job && unfinished.job.config !== null ? [unfinished.job.config] : [],
      ),
  }
}
