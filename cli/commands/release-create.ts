// release create: a signed bundle from a system image and boot files.
import { formatBytes } from '#base/bytes.ts'
import { systemClock } from '#node/job/station.ts'
import { describeBehind } from '#node/release/content-check.ts'
import { createRelease } from '#node/release/create-release.ts'
import { flag, parseCount, parseWords, text, usage } from '../args.ts'
import type { Command } from '../commands.ts'
import { readKey } from '../release.ts'

const COMMAND = 'release create'

export const run: Command = async ({ argv, output, signal }) => {
  const words = parseWords(COMMAND, argv.slice(2), {
    words: [],
    texts: [
      'version',
      'product',
      'system',
      'boot',
      'channel',
      'counter',
      'expires',
      'minimum',
      'compress',
      'key',
      'passphrase-file',
      'out',
    ],
    flags: ['replace'],
    lists: ['hardware'],
    required: ['version', 'product', 'system', 'key', 'out'],
  })
  const compression = text(words, 'compress') ?? 'zstd'
  if (compression !== 'none' && compression !== 'zstd')
    throw usage(COMMAND, `--compress is none or zstd, not "${compression}".`)
  const hardware = words.values.hardware
  const made = await createRelease({
    version: text(words, 'version') ?? '',
    product: text(words, 'product') ?? '',
    system: text(words, 'system') ?? '',
    out: text(words, 'out') ?? '',
    boot: text(words, 'boot'),
    channel: text(words, 'channel') ?? undefined,
    counter: parseCount(COMMAND, 'counter', text(words, 'counter')) ?? 1,
    expires: text(words, 'expires'),
    minimumVersion: text(words, 'minimum'),
    hardware: Array.isArray(hardware) ? hardware : [],
    compression,
    replace: flag(words, 'replace'),
    key: await readKey(words),
    created: systemClock.now(),
    signal,
    onProgress: (role, plainBytes) => output.event({ type: 'packing', role, plainBytes }),
  })
  const { manifest, ...rest } = made
  output.result({ ...rest, version: manifest.version, product: manifest.product, counter: manifest.counter }, [
    `${made.path}: ${manifest.product} ${manifest.version}, counter ${manifest.counter}, ${formatBytes(made.size)}`,
    ...manifest.images.map(
      (image) => `  ${image.role.padEnd(6)} ${formatBytes(image.size).padStart(8)}  sha256 ${image.sha256}`,
    ),
    ...(made.behind ? [describeBehind(made.behind)] : []),
    `signed by ${made.signer}`,
  ])
  return 0
}
