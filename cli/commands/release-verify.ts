// release verify: authenticates a bundle or a triple and checks every byte of it.
import { formatBytes } from '#base/bytes.ts'
import { systemClock } from '#node/job/station.ts'
import { describeBehind } from '#node/release/content-check.ts'
import { verifyRelease } from '#node/release/verify-release.ts'
import { checkReleaseRules } from '#trust/release-rules.ts'
import { parseWords } from '../args.ts'
import type { Command } from '../commands.ts'
import { Refused } from '../output.ts'
import { readTrust, stepProgress } from '../release.ts'

export const run: Command = async (context) => {
  const words = parseWords('release verify', context.argv.slice(2), {
    words: ['R'],
    texts: ['trust'],
    required: ['trust'],
  })
  const [path] = words.positionals
  const now = systemClock.now()
  const progress = stepProgress(context, `Check every byte of ${path}`)
  const report = await verifyRelease(path, await readTrust(words), {
    now,
    signal: context.signal,
    onProgress: progress.update,
  })
  progress.end()
  const against = report.manifest ? checkReleaseRules(report.manifest, { now }) : []
  if (against.length > 0) throw new Refused(against)
  const { signer, manifest } = report
  context.output.result(
    { ...report, manifest: null, version: manifest?.version ?? null, product: manifest?.product ?? null },
    [
      manifest
        ? `${manifest.product} ${manifest.version}, counter ${manifest.counter}: authentic, every byte checked`
        : `${path}: authentic, every byte checked`,
      ...report.images.map(
        (image) => `  ${image.role.padEnd(6)} ${formatBytes(image.size).padStart(8)}  sha256 ${image.sha256}`,
      ),
      ...(report.behind ? [describeBehind(report.behind)] : []),
      `signed by ${signer.userId ?? 'a key without user id'}`,
      `  fingerprint ${signer.fingerprint} (${signer.algorithm}, ${signer.hash})`,
      `  at ${signer.signedAt}, key ${signer.keyExpires ? `expires ${signer.keyExpires}` : 'does not expire'}`,
    ],
  )
  return 0
}
