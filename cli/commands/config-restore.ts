// config restore: the files of a folder replace /config of a detached disk; what was there is copied aside first.
import { journalFolder } from '#node/job/journal-file.ts'
import { checkOffered, operatorName, systemClock } from '#node/job/station.ts'
import { openStationJob } from '#node/job/station-job.ts'
import { flag, parseWords, text } from '../args.ts'
import type { Command } from '../commands.ts'
import { runJob } from '../job.ts'
import { orRefuse } from '../output.ts'
import { jobHooks } from '../release.ts'

export const run: Command = async (context) => {
  const words = parseWords('config restore', context.argv.slice(2), {
    words: ['DISK'],
    texts: ['from'],
    flags: ['plan', 'yes'],
    required: ['from'],
  })
  const [target] = words.positionals
  orRefuse(await checkOffered(target))
  const wish = {
    kind: 'restore' as const,
    target,
    config: text(words, 'from') ?? '',
    journal: journalFolder(),
    at: systemClock.now().toISOString(),
    by: operatorName(),
  }
  await using open = await openStationJob(wish, jobHooks(context))
  return await runJob(open.job, { planOnly: flag(words, 'plan'), yes: flag(words, 'yes') }, context, (report) => {
    const kept = report.steps.find(({ evidence }) => evidence.folder !== undefined)?.evidence
    return [
      '/config holds the files of the folder; every block that changed was read back.',
      ...(kept ? [`${kept.files} files that were there before: ${kept.folder}`] : []),
    ]
  })
}
