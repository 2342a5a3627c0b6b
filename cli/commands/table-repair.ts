// table repair: rebuilds the damaged side of a GPT from the intact one.
import { journalFolder } from '../../src-shared/node/journal-file.ts'
import { operatorName, systemClock } from '../../src-shared/node/station.ts'
import { openStationJob } from '../../src-shared/node/station-job.ts'
import { flag, parseWords } from '../args.ts'
import type { Command } from '../commands.ts'
import { runJob } from '../job.ts'
import { jobHooks } from '../release.ts'

export const run: Command = async (context) => {
  const words = parseWords('table repair', context.argv.slice(2), { words: ['DISK'], flags: ['plan', 'yes'] })
  const wish = {
    kind: 'repair' as const,
    repair: 'partition-table' as const,
    target: words.positionals[0],
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
