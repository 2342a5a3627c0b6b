// flash: writes one slot of an A/B disk and keeps everything else.
import { journalFolder } from '#node/job/journal-file.ts'
import { checkOffered, operatorName, systemClock } from '#node/job/station.ts'
import { openStationJob } from '#node/job/station-job.ts'
import { flag, parseSlot, parseWords, text } from '../args.ts'
import type { Command } from '../commands.ts'
import { runJob } from '../job.ts'
import { orRefuse } from '../output.ts'
import { jobHooks } from '../release.ts'

export const run: Command = async (context) => {
  const words = parseWords('flash', context.argv.slice(1), {
    words: ['DISK'],
    texts: ['slot', 'release', 'trust', 'allow-older'],
    flags: ['changed-only', 'plan', 'yes'],
    required: ['slot', 'release', 'trust'],
  })
  const slot = parseSlot('flash', text(words, 'slot') ?? '')
  const [target] = words.positionals
  // A disk that is never written is refused before the long work on the release begins.
  orRefuse(await checkOffered(target))
  const wish = {
    kind: 'flash' as const,
    target,
    release: text(words, 'release') ?? '',
    trust: text(words, 'trust') ?? '',
    journal: journalFolder(),
    slot,
    changedOnly: flag(words, 'changed-only'),
    allowOlder: text(words, 'allow-older'),
    at: systemClock.now().toISOString(),
    by: operatorName(),
  }
  await using open = await openStationJob(wish, jobHooks(context))
  const version = open.release?.facts.version ?? 'the image'
  return await runJob(open.job, { planOnly: flag(words, 'plan'), yes: flag(words, 'yes') }, context, () => [
    `Slot ${slot} holds ${version}; every byte was read back.`,
    `"twinslot slot default ${target} ${slot}" boots it.`,
  ])
}
