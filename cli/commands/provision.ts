// provision: a blank disk, or a new disk image, and a signed release -> an appliance disk that boots.
import { randomBytes } from 'node:crypto'
import { type Finding, finding } from '../../src-shared/base/errors.ts'
import { type Result, refuse } from '../../src-shared/base/result.ts'
import type { BlockCodec } from '../../src-shared/engine/copy/ports.ts'
import { unfinishedSeed } from '../../src-shared/engine/run-plan.ts'
import { checkBootFiles } from '../../src-shared/engine/steps/esp.ts'
import type { Layout } from '../../src-shared/model/layout.ts'
import { DEFAULT_LAYOUT } from '../../src-shared/model/layouts.ts'
import type { DiskObservation } from '../../src-shared/model/observation.ts'
import type { Plan, ProvisionRequest } from '../../src-shared/model/plan.ts'
import { SLOTS, type Slot } from '../../src-shared/model/slot.ts'
import { openBlockCodec } from '../../src-shared/node/block-codec.ts'
import { readConfigFolder } from '../../src-shared/node/config-folder.ts'
import { missingTools } from '../../src-shared/node/filesystems.ts'
import { journalFiles, journalFolder } from '../../src-shared/node/journal-file.ts'
import { loadLayout } from '../../src-shared/node/layout-file.ts'
import type { AuthenticatedRelease } from '../../src-shared/node/open-release.ts'
import { checkOffered, operatorName, systemClock } from '../../src-shared/node/station.ts'
import { targetOf } from '../../src-shared/plan/common.ts'
import { jobKey } from '../../src-shared/plan/plan-id.ts'
import { planProvision } from '../../src-shared/plan/provision.ts'
import { flag, parseSize, parseSlot, parseWords, text } from '../args.ts'
import { runJob } from '../job.ts'
import type { Command } from '../main.ts'
import { newDiskImage } from '../new-disk-image.ts'
import { orRefuse } from '../output.ts'
import { checkEveryBlock, checkSystemImage, imagesOf, openTrusted, readTrust } from '../release.ts'

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
  const configFolder = text(words, 'config')
  const luksKeyFile = text(words, 'luks-key')
  const request: ProvisionRequest = {
    kind: 'provision',
    layout: orRefuse(await loadLayout(text(words, 'layout') ?? DEFAULT_LAYOUT.name)),
    slots: parseSlots(text(words, 'slots') ?? 'A'),
    seed: text(words, 'seed') ?? '',
    config: null,
    allowOlder: text(words, 'allow-older'),
    at: systemClock.now().toISOString(),
    by: operatorName(),
  }
  await using codec = openBlockCodec()
  const trusted = await readTrust(words)
  await using release = await openTrusted(text(words, 'release') ?? '', trusted, context)
  const bootPath = text(words, 'boot')
  await using boot = bootPath === null ? null : await openTrusted(bootPath, trusted, context)
  await checkEveryBlock(release, boot ? ['system'] : ['system', 'esp'], codec, context)
  if (boot) await checkEveryBlock(boot, ['esp'], codec, context)
  const unfit = [
    ...(await checkSystemImage(release, codec)),
    ...(await checkBoot(boot ?? release, codec, request.layout)),
    ...(await checkTools(request.layout)),
    ...checkLuksKey(request.layout, luksKeyFile),
  ]
  const manifests = [release.manifest, boot?.manifest ?? null].filter((manifest) => manifest !== null)
  const journal = journalFiles(journalFolder())
  let seed = text(words, 'seed')
  const plan = async (seen: DiskObservation): Promise<Result<Plan>> => {
    if (unfit.length > 0) return refuse(...unfit)
    // Read anew each time: a folder that changed since it was confirmed makes another plan.
    const config = configFolder === null ? null : await readConfigFolder(configFolder)
    const now = { ...request, config }
    // An interrupted job goes on with the identifiers it began with.
    seed ??= unfinishedSeed(await journal.read(jobKey(now, targetOf(seen), release.facts)))
    seed ??= randomBytes(16).toString('hex')
    return planProvision({ ...now, seed }, seen, release.facts, boot?.facts ?? null, manifests)
  }
  const planOnly = flag(words, 'plan')
  await using image = await newDiskImage(path, wanted, planOnly)
  return await runJob(
    {
      path,
      plan,
      look: image?.look,
      release: imagesOf(release),
      boot: imagesOf(boot ?? release),
      inputs: { configFolder, luksKeyFile },
      codec,
    },
    { planOnly, yes: flag(words, 'yes') },
    context,
    (report) => {
      image?.keep()
      return [
        `${path} is provisioned: ${report.steps.length} steps, and every byte that was written was read back.`,
        `Slot ${request.slots[0]} boots.`,
      ]
    },
  )
}

async function checkBoot(release: AuthenticatedRelease, codec: BlockCodec, layout: Layout): Promise<Finding[]> {
  const size = layout.partitions.find(({ role }) => role === 'esp')?.size
  if (!release.roles.includes('esp')) return []
  return await checkBootFiles(release.image('esp'), codec, typeof size === 'number' ? size : Number.MAX_SAFE_INTEGER)
}

function parseSlots(word: string): Slot[] {
  if (word.toLowerCase() === 'both') return [...SLOTS]
  return [parseSlot(COMMAND, word)]
}

/** Programs that making this layout's file systems needs and that are not there. */
async function checkTools(layout: Layout): Promise<Finding[]> {
  const kinds = layout.partitions.flatMap(({ filesystem, encryption }) => [
    filesystem,
    ...(encryption ? [encryption] : []),
  ])
  const missing = await missingTools(kinds)
  return missing.map((tool) => finding('tool.missing', { ...tool }))
}

function checkLuksKey(layout: Layout, keyFile: string | null): Finding[] {
  const encrypted = layout.partitions.filter(({ encryption }) => encryption !== undefined)
  if (encrypted.length === 0 || keyFile !== null) return []
  return [finding('plan.no-luks-key', { label: encrypted.map(({ name }) => name).join(', ') })]
}
