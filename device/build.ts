// Packs the device's programs for a slot image: one JavaScript file with everything in it, the script that starts it, and
// a link for each program. The same sources, version and date give the same bytes.
import { chmod, copyFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { type Plugin, rolldown } from 'rolldown'
import { EngineError } from '#base/errors.ts'
import { makeFolder } from '#node/os/make-folder.ts'
import type { BuildInfo } from './build-info.ts'

const HERE = import.meta.dirname
const REPO = join(HERE, '..')

/** Names in /usr/bin; each is the same file, called by another name. */
export const PROGRAMS = ['health-gate', 'osiris-update', 'hypernet-admin', 'twinslot-agent'] as const

/** Below the root of the image. */
export const LIBRARY = 'usr/lib/twinslot'
export const BUNDLE = `${LIBRARY}/twinslot-device.mjs`

export interface DevicePrograms {
  /** Path of the bundle. */
  readonly bundle: string
  readonly bytes: number
  /** All files and links, below `outDir`, sorted. */
  readonly files: readonly string[]
}

export interface DeviceBuild {
  /** Root of the image's tree; created when missing. Node itself belongs at `usr/lib/twinslot/node`. */
  readonly outDir: string
  readonly version: string
  readonly buildDate: Date
  /** First module, for tests. */
  readonly entry?: string
}

/** Throws `tool.failed` when a module is missing or a rule below finds nothing to replace. */
export async function buildDevicePrograms(options: DeviceBuild): Promise<DevicePrograms> {
  const { outDir, version, buildDate } = options
  const library = join(outDir, LIBRARY)
  await makeFolder(library)
  const bundle = join(outDir, BUNDLE)
  const code = await bundleCode(options.entry ?? join(HERE, 'bin/twinslot-device.ts'), {
    version,
    date: `${buildDate.toISOString().slice(0, 19)}Z`,
  })
  await writeFile(bundle, code)
  const program = join(library, 'program')
  await copyFile(join(HERE, 'bin/program'), program)
  await chmod(program, 0o755)
  await makeFolder(join(outDir, 'usr/bin'))
  for (const name of PROGRAMS) {
    const link = join(outDir, 'usr/bin', name)
    await rm(link, { force: true })
    await symlink('../lib/twinslot/program', link)
  }
  const files = [BUNDLE, `${LIBRARY}/program`, ...PROGRAMS.map((name) => `usr/bin/${name}`)].sort()
  return { bundle, bytes: (await stat(bundle)).size, files }
}

/** Modules are named relative to the repository, so that the place of the checkout does not show. */
async function bundleCode(entry: string, info: BuildInfo): Promise<string> {
  const rules = replaceRules(info)
  try {
    await using build = await rolldown({
      input: relative(REPO, entry),
      cwd: REPO,
      platform: 'node',
      plugins: [rules.plugin],
      onLog: (level, log) => {
        if (level === 'warn') throw new Error(log.message)
      },
    })
    const options = { format: 'esm', codeSplitting: false, minify: 'dce-only', comments: { legal: true } } as const
    const { output } = await build.generate(options)
    const missed = rules.missed()
    if (missed.length > 0) throw new Error(`no place found for: ${missed.join(', ')}`)
    if (output.length !== 1) throw new Error(`${output.length} files instead of one`)
    return output[0].code
  } catch (cause) {
    const text = stripVTControlCharacters(cause instanceof Error ? cause.message : String(cause))
    const stderr = text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(0, 2)
      .join(' | ')
    throw new EngineError('tool.failed', { tool: 'rolldown', code: 'an error', stderr }, { cause })
  }
}

/** What is another file in the sources and this very file in the bundle, and what only the build knows. */
function replaceRules(info: BuildInfo): { plugin: Plugin; missed(): string[] } {
  const rules = [
    {
      file: 'src-shared/node/codec/block-codec.ts',
      from: "new URL('./block-codec-worker.ts', import.meta.url)",
      to: 'new URL(import.meta.url)',
    },
    {
      file: 'device/build-info.ts',
      from: "{ version: 'source', date: null }",
      to: JSON.stringify(info),
    },
  ]
  const seen = new Set<string>()
  const done = new Set<string>()
  const plugin: Plugin = {
    name: 'twinslot-device',
    transform(code, id) {
      const rule = rules.find(({ file }) => relative(REPO, id) === file)
      if (!rule) return null
      seen.add(rule.file)
      if (code.split(rule.from).length === 2) done.add(rule.file)
      return code.replace(rule.from, () => rule.to)
    },
  }
  return { plugin, missed: () => [...seen].filter((file) => !done.has(file)) }
}
