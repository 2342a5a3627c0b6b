// image build: a signed system image from a recipe, in the nine steps of the specification.
import { dirname, resolve } from 'node:path'
import { formatBytes } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { BUILD_CONFIG_LIMIT, type BuildConfig, parseBuildConfig } from '#format/build-config.ts'
import type { Layout } from '#model/layout.ts'
import { builtinLayout, DEFAULT_LAYOUT } from '#model/layouts.ts'
import { sha256Hex } from '#node/codec/hashing.ts'
import { loadLayout } from '#node/job/layout-file.ts'
import { systemClock } from '#node/job/station.ts'
import { readWordFile } from '#node/os/word-file.ts'
import { buildImage } from '#node/recipe/build-image.ts'
import { parseWords, text, usage } from '../args.ts'
import type { Command } from '../commands.ts'
import { orRefuse } from '../output.ts'
import { readKey } from '../release.ts'

const COMMAND = 'image build'
const STEPS = 9

export const run: Command = async ({ argv, output, signal }) => {
  const words = parseWords(COMMAND, argv.slice(2), {
    words: ['CONFIG'],
    texts: ['out', 'sign-key', 'passphrase-file', 'mirror', 'programs', 'boot'],
    required: ['out', 'sign-key'],
  })
  const [file] = words.positionals
  const bytes = await readWordFile(file, BUILD_CONFIG_LIMIT)
  const config = orRefuse(parseBuildConfig(bytes))
  const created = createdAt(config)
  const built = await buildImage({
    config,
    folder: dirname(file),
    configDigest: sha256Hex(bytes),
    out: text(words, 'out') ?? '',
    key: await readKey(words, 'sign-key'),
    ...(await sizeAndLayout(config, dirname(file))),
    created,
    mirror: text(words, 'mirror'),
    programs: text(words, 'programs'),
    boot: text(words, 'boot'),
    signal,
    onStep: (step, title, state) =>
      output.event(
        state === 'started'
          ? { type: 'step-started', step, total: STEPS, title }
          : { type: 'step-done', step, evidence: {} },
      ),
  })
  const { packages, ...rest } = built
  const out = text(words, 'out') ?? ''
  output.result({ ...rest, out, packages: packages.length }, [
    `${out}: ${config.product} ${config.version}, ${formatBytes(built.size)}, ${packages.length} packages`,
    `  ${built.image}  sha256 ${built.sha256}`,
    `  ${built.bundle}  manifest ${built.digest}`,
    `signed by ${built.signer}`,
    `SOURCE_DATE_EPOCH=${built.sourceDateEpoch} makes the same bytes again.`,
  ])
  return 0
}

/** SOURCE_DATE_EPOCH, else what the recipe says, else now. */
function createdAt(config: BuildConfig): Date {
  const epoch = process.env.SOURCE_DATE_EPOCH
  if (epoch !== undefined && epoch !== '') {
    if (!/^\d{1,10}$/.test(epoch)) throw usage(COMMAND, `SOURCE_DATE_EPOCH is seconds since 1970, not "${epoch}".`)
    return new Date(Number(epoch) * 1000)
  }
  if (config.created) return new Date(config.created)
  return new Date(Math.floor(systemClock.now().getTime() / 1000) * 1000)
}

/** The layout of the recipe, or the one of `provision` when none is named; `slot_size` goes before its slots. */
async function sizeAndLayout(config: BuildConfig, folder: string): Promise<{ slotSize: number; layout: Layout }> {
  const wanted = config.layout ?? DEFAULT_LAYOUT.name
  const name = builtinLayout(wanted) ? wanted : resolve(folder, wanted)
  const layout = orRefuse(await loadLayout(name))
  if (config.slot_size !== undefined) return { slotSize: config.slot_size, layout }
  const slot = layout.partitions.find(({ role }) => role === 'slot-a')
  if (!slot || slot.size === 'rest')
    throw new EngineError('layout.role-count', { layout: name, found: 0, role: 'slot-a', expected: 1 })
  return { slotSize: slot.size, layout }
}
