// release sign: the spec's triple, IMG.sha256 and IMG.asc beside the image.

import { systemClock } from '#node/job/station.ts'
import { describeBehind } from '#node/release/content-check.ts'
import { signImage } from '#node/release/sign-image.ts'
import { flag, parseWords } from '../args.ts'
import type { Command } from '../commands.ts'
import { readKey, stepProgress } from '../release.ts'

export const run: Command = async (context) => {
  const words = parseWords('release sign', context.argv.slice(2), {
    words: ['IMG'],
    texts: ['key', 'passphrase-file'],
    flags: ['replace'],
    required: ['key'],
  })
  const [image] = words.positionals
  const progress = stepProgress(context, `Hash ${image}`)
  const made = await signImage(image, await readKey(words), {
    now: systemClock.now(),
    replace: flag(words, 'replace'),
    signal: context.signal,
    onProgress: progress.update,
  })
  progress.end()
  context.output.result({ ...made }, [
    ...[made.checksumPath, made.signaturePath],
    ...(made.behind ? [describeBehind(made.behind)] : []),
    `signed by ${made.signer}`,
  ])
  return 0
}
