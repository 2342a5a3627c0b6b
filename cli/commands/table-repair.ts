// table repair: rebuilds the damaged side of a GPT from the intact one; where both are intact and differ,
// --keep says which stays.
import { journalFolder } from '#node/job/journal-file.ts'
import { operatorName, systemClock } from '#node/job/station.ts'
import { openStationJob } from '#node/job/station-job.ts'
import { flag, parseWords, text, usage } from '../args.ts'
import type { Command } from '../commands.ts'
import { runJob } from '../job.ts'
import { jobHooks } from '../release.ts'

export const run: Command = async (context) => {
  const words = parseWords('table repair', context.argv.slice(2), {
    words: ['DISK'],
    texts: ['keep'],
    flags: ['plan', 'yes'],
  })
  const keep = sideOf(text(words, 'keep'))
  const wish = {
    kind: 'repair' as const,
    repair: 'partition-table' as const,
    target: words.positionals[0],
    ...(keep === null ? {} : { keep }),
    release: null,
    trust: null,
    journal: journalFolder(),
    at: systemClock.now().toISOString(),
    by: operatorName(),
  }
  await using open = await openStationJob(wish, jobHooks(context))
  return await runJob(open.job, { planOnly: flag(words, 'plan'), yes: flag(words, 'yes') }, context, () => [
    'Both sides of the partition table are intact now.',
  ])
}

function sideOf(word: string | null): 'primary' | 'backup' | null {
  if (word === null || word === 'primary' || word === 'backup') return word
  throw usage('table repair', `--keep is primary or backup, not "${word}".`)
}
