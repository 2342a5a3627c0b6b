// provision: a blank disk, or a new disk image, and a signed release -> an appliance disk that boots.
import { DEFAULT_LAYOUT } from '#model/layouts.ts'
import { SLOTS, type Slot } from '#model/slot.ts'
import { journalFolder } from '#node/job/journal-file.ts'
import { loadLayout } from '#node/job/layout-file.ts'
import { checkOffered, operatorName, systemClock } from '#node/job/station.ts'
import { openStationJob } from '#node/job/station-job.ts'
import { flag, parseSize, parseSlot, parseWords, text } from '../args.ts'
import type { Command } from '../commands.ts'
import { runJob } from '../job.ts'
import { newDiskImage } from '../new-disk-image.ts'
import { orRefuse } from '../output.ts'
import { jobHooks } from '../release.ts'

const COMMAND = 'provision'

export const run: Command = async (context) => {
  const words = parseWords(COMMAND, context.argv.slice(1), {
    words: ['DISK'],
    texts: ['release', 'trust', 'boot', 'layout', 'create', 'slots', 'config', 'seed', 'luks-key', 'allow-older'],
    flags: ['plan', 'yes'],
    required: ['release', 'trust'],
  })
  const [path] = words.positionals
  const size = text(words, 'create')
  const wanted = size === null ? null : parseSize(COMMAND, 'create', size)
  // A disk that is never written is refused before the long work on the release begins.
  if (wanted === null) orRefuse(await checkOffered(path))
  const layout = text(words, 'layout') ?? DEFAULT_LAYOUT.name
  orRefuse(await loadLayout(layout))
  const wish = {
    kind: 'provision' as const,
    target: path,
    release: text(words, 'release') ?? '',
    trust: text(words, 'trust') ?? '',
    boot: text(words, 'boot'),
    journal: journalFolder(),
    layout,
    slots: parseSlots(text(words, 'slots') ?? 'A'),
    config: text(words, 'config'),
    luksKey: text(words, 'luks-key'),
    seed: text(words, 'seed'),
    allowOlder: text(words, 'allow-older'),
    at: systemClock.now().toISOString(),
    by: operatorName(),
  }
  await using open = await openStationJob(wish, jobHooks(context))
  const planOnly = flag(words, 'plan')
  await using image = await newDiskImage(path, wanted, planOnly)
  const job = { ...open.job, ...(image?.look ? { look: image.look } : {}) }
  return await runJob(job, { planOnly, yes: flag(words, 'yes') }, context, (report) => {
    image?.keep()
    return [
      `${path} is provisioned: ${report.steps.length} steps, and every byte that was written was read back.`,
      `Slot ${wish.slots[0]} boots.`,
    ]
  })
}

function parseSlots(word: string): Slot[] {
  if (word.toLowerCase() === 'both') return [...SLOTS]
  return [parseSlot(COMMAND, word)]
}
