// release show: what a release says of itself. Nothing is believed, and the output says so.
import { formatBytes } from '#base/bytes.ts'
import { explain } from '#base/errors.ts'
import { describeBehind } from '#node/release/content-check.ts'
import { showRelease } from '#node/release/verify-release.ts'
import { LONG_TEXT, printable } from '#plan/common.ts'
import { parseWords } from '../args.ts'
import type { Command } from '../commands.ts'

export const run: Command = async ({ argv, output }) => {
  const words = parseWords('release show', argv.slice(2), { words: ['R'] })
  const claims = await showRelease(words.positionals[0])
  const warning = output.style.yellow('Not authenticated: anyone could have written this. Use "release verify".')
  if (claims.kind === 'triple') {
    output.result({ ...claims }, [
      `${claims.name}: image of ${formatBytes(claims.size)}`,
      ...(claims.checksums ?? []).map(
        (line) => `  sha256 ${line.sha256}  ${printable(line.name ?? '(names no file)', LONG_TEXT)}`,
      ),
      ...(claims.behind ? [`  ${describeBehind(claims.behind)}`] : []),
      claims.hasSignature ? '  a signature is beside it' : '  no signature is beside it',
      warning,
    ])
    return 0
  }
  const { manifest, storedSizes } = claims
  const images = manifest.images.map(({ role, size, sha256, compression, blockSize, blocks }) => ({
    role,
    size,
    sha256,
    compression,
    blockSize,
    blocks: blocks.length,
    stored: storedSizes[role],
  }))
  output.result({ ...claims, manifest: { ...manifest, images } }, [
    `${printable(manifest.product)} ${manifest.version}, channel ${printable(manifest.channel)}, counter ${manifest.counter}`,
    `  created ${manifest.created}${manifest.expires ? `, expires ${manifest.expires}` : ''}${manifest.minimumVersion ? `, updates from ${manifest.minimumVersion}` : ''}`,
    `  for ${manifest.hardware.length > 0 ? manifest.hardware.map(printable).join(', ') : 'any hardware'}`,
    ...images.map(
      (image) =>
        `  ${image.role.padEnd(6)} ${formatBytes(image.size).padStart(8)} (stored ${formatBytes(image.stored)}, ${image.compression}, ${image.blocks} blocks)  sha256 ${image.sha256}`,
    ),
    `  manifest sha256 ${claims.digest}`,
    ...(claims.behind ? [`  ${describeBehind(claims.behind)}`] : []),
    ...(claims.unread ? [`  its system image cannot be looked into: ${explain(claims.unread).message}`] : []),
    warning,
  ])
  return 0
}
