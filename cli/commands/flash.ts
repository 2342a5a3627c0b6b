// flash: writes one slot of an A/B disk and keeps everything else.
import { refuse } from '../../src-shared/base/result.ts'
import { openBlockCodec } from '../../src-shared/node/block-codec.ts'
import { NO_INPUTS } from '../../src-shared/node/filesystem-maker.ts'
import { checkOffered, operatorName, systemClock } from '../../src-shared/node/station.ts'
import { planFlash } from '../../src-shared/plan/flash.ts'
import { flag, parseSlot, parseWords, text } from '../args.ts'
import { runJob } from '../job.ts'
import type { Command } from '../main.ts'
import { orRefuse } from '../output.ts'
import { checkEveryBlock, checkSystemImage, imagesOf, openTrusted, readTrust } from '../release.ts'

export const run: Command = async (context) => {
  const words = parseWords('flash', context.argv.slice(1), {
    words: ['DISK'],
    texts: ['slot', 'release', 'trust', 'allow-older'],
    flags: ['changed-only', 'plan', 'yes'],
    required: ['slot', 'release', 'trust'],
  })
  const slot = parseSlot('flash', text(words, 'slot') ?? '')
  // A disk that is never written is refused before the long work on the release begins.
  orRefuse(await checkOffered(words.positionals[0]))
  const request = {
    kind: 'flash' as const,
    slot,
    changedOnly: flag(words, 'changed-only'),
    allowOlder: text(words, 'allow-older'),
    at: systemClock.now().toISOString(),
    by: operatorName(),
  }
  await using codec = openBlockCodec()
  await using release = await openTrusted(text(words, 'release') ?? '', await readTrust(words), context)
  await checkEveryBlock(release, ['system'], codec, context)
  const unfit = await checkSystemImage(release, codec)
  return await runJob(
    {
      path: words.positionals[0],
      plan: (seen) => (unfit.length > 0 ? refuse(...unfit) : planFlash(request, seen, release.facts, release.manifest)),
      release: imagesOf(release),
      boot: null,
      inputs: NO_INPUTS,
      codec,
    },
    { planOnly: flag(words, 'plan'), yes: flag(words, 'yes') },
    context,
    () => [
      `Slot ${slot} holds ${release.facts.version ?? 'the image'}; every byte was read back.`,
      `"twinslot slot default ${words.positionals[0]} ${slot}" boots it.`,
    ],
  )
}
