// provision: blank disks, or new disk images, and a signed release -> appliance disks that boot.
import { DEFAULT_LAYOUT } from '#model/layouts.ts'
import { SLOTS, type Slot } from '#model/slot.ts'
import { journalFolder } from '#node/job/journal-file.ts'
import { loadLayout } from '#node/job/layout-file.ts'
import { type Job, operatorName, systemClock } from '#node/job/station.ts'
import { openStationBatch, openStationJob } from '#node/job/station-job.ts'
import { makeThreadRoom } from '#node/os/thread-room.ts'
import { flag, parseSize, parseSlot, parseWords, text } from '../args.ts'
import type { Command } from '../commands.ts'
import { type DoneText, runJob } from '../job.ts'
import { type NewDiskImage, newDiskImage } from '../new-disk-image.ts'
import { orRefuse } from '../output.ts'
import { jobHooks } from '../release.ts'
import { checkDisks, runJobs } from '../several.ts'

const COMMAND = 'provision'

export const run: Command = async (context) => {
  const words = parseWords(COMMAND, context.argv.slice(1), {
    words: ['DISK'],
    several: true,
    texts: ['release', 'trust', 'boot', 'layout', 'create', 'slots', 'config', 'seed', 'luks-key', 'allow-older'],
    flags: ['plan', 'yes'],
    required: ['release', 'trust'],
  })
  const paths = words.positionals
  if (paths.length > 1) makeThreadRoom(paths.length)
  const size = text(words, 'create')
  const wanted = size === null ? null : parseSize(COMMAND, 'create', size)
  // A disk that is never written is refused before the long work on the release begins.
  await checkDisks(paths, wanted === null)
  const layoutName = text(words, 'layout') ?? DEFAULT_LAYOUT.name
  const layout = orRefuse(await loadLayout(layoutName))
  const wish = {
    kind: 'provision' as const,
    release: text(words, 'release') ?? '',
    trust: text(words, 'trust') ?? '',
    boot: text(words, 'boot'),
    journal: journalFolder(),
    layout: layoutName,
    slots: parseSlots(text(words, 'slots') ?? 'A'),
    config: text(words, 'config'),
    luksKey: text(words, 'luks-key'),
    seed: text(words, 'seed'),
    allowOlder: text(words, 'allow-older'),
    at: systemClock.now().toISOString(),
    by: operatorName(),
  }
  const how = { planOnly: flag(words, 'plan'), yes: flag(words, 'yes') }
  await using images = new AsyncDisposableStack()
  /** Its image file, when one is wanted, is made when its job is at hand. */
  const unitOf = async (job: Job) => {
    const image = await newDiskImage(job.path, wanted, how.planOnly)
    if (image) images.use(image)
    return {
      job: { ...job, ...(image?.look ? { look: image.look } : {}) },
      done: doneText(job.path, image),
    }
  }
  if (paths.length === 1) {
    await using open = await openStationJob({ ...wish, target: paths[0] }, jobHooks(context))
    const { job, done } = await unitOf(open.job)
    return await runJob(job, how, context, done)
  }
  await using batch = await openStationBatch(wish, layout, jobHooks(context))
  const units = []
  for (const path of paths) units.push(await unitOf(batch.jobFor(path)))
  return await runJobs(units, how, context)
}

const doneText =
  (path: string, image: NewDiskImage | null): DoneText =>
  (report) => {
    image?.keep()
    return [`${path} is provisioned: ${report.steps.length} steps, and every byte that was written was read back.`]
  }

function parseSlots(word: string): Slot[] {
  if (word.toLowerCase() === 'both') return [...SLOTS]
  return [parseSlot(COMMAND, word)]
}
