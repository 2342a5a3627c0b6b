// Packs one program of the desktop package into one JavaScript file with rolldown, and says which packages went into it.
// Promises: an import that cannot be resolved is an error; nothing names the place of the checkout; what is another file in
// the sources is named where the package has it, or the build fails.
import { readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'
import { commitOf } from '#host/source-commit.ts'

export const REPO = resolve(import.meta.dirname, '..')

export interface BundleOptions {
  /** First module, relative to the repository. */
  readonly entry: string
  readonly format: 'esm' | 'cjs'
  /** Folder with the runtime's files as seen from the bundle: './' inside it, '../runtime/' from the app. */
  readonly runtime: './' | '../runtime/'
  /** Packages that stay outside and are found by name at run time. */
  readonly external: readonly string[]
}

export interface Bundle {
  readonly code: string
  /** Folders of the npm packages inside, relative to the repository, sorted. */
  readonly packages: readonly string[]
}

interface Rule {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** What is another file in the sources, by its place in the package; and the commit, which only the sources know. */
async function rulesFor({ runtime }: BundleOptions): Promise<Rule[]> {
  const beside = (name: string): string => `new URL('${runtime}${name}', import.meta.url)`
  const commit = await commitOf(REPO)
  const rules: Rule[] = [
    {
      file: 'host/source-commit.ts',
      from: 'BUILT_FROM: string | null = null',
      to: `BUILT_FROM: string | null = ${JSON.stringify(commit)}`,
    },
    {
      file: 'src-shared/node/codec/block-codec.ts',
      from: "new URL('./block-codec-worker.ts', import.meta.url)",
      to: beside('block-codec-worker.mjs'),
    },
    {
      file: 'src-shared/node/disk/second-opinion.ts',
      from: "new URL('./drivelist-child.ts', import.meta.url)",
      to: beside('drivelist-child.mjs'),
    },
    { file: 'src-shared/node/boot/boot-files.ts', from: "new URL('./grub/', import.meta.url)", to: beside('grub/') },
    { file: 'cli/main.ts', from: "new URL('../package.json', import.meta.url)", to: beside('package.json') },
    {
      file: 'src-shared/node/recipe/initrd.ts',
      from: "['initrd.ts', 'kernel-package.ts']",
      to: "['twinslot.mjs']",
    },
  ]
  if (runtime === './') return rules
  // Electron is no Node for others (its fuse is off): the package's own Node runs the child.
  const child = { file: 'src-shared/node/disk/second-opinion.ts', from: 'requireTool(process.execPath, [child]' }
  const to = `requireTool(fileURLToPath(${beside(process.platform === 'win32' ? 'node.exe' : 'node')}), [child]`
  return [...rules, { ...child, to }]
}

function replacing(rules: readonly Rule[]): { plugin: Plugin; missed(): string[] } {
  const missed: string[] = []
  const plugin: Plugin = {
    name: 'twinslot-places',
    transform(code, id) {
      const file = relative(REPO, id).split(sep).join('/')
      let result = code
      for (const rule of rules.filter((each) => each.file === file)) {
        if (result.split(rule.from).length !== 2) missed.push(`${rule.file}: ${rule.from}`)
        result = result.replace(rule.from, () => rule.to)
      }
      return result === code ? null : result
    },
  }
  return { plugin, missed: () => missed }
}

/** OpenPGP.js stays a file of its own that may be replaced (its licence asks for that): one copy, in the runtime. */
const openpgpApart = (runtime: string): Plugin => ({
  name: 'twinslot-openpgp',
  resolveId: (id) => (id === 'openpgp' ? { id: `${runtime}openpgp/openpgp.mjs`, external: true } : null),
})

/** The package folder of a module, `node_modules/@scope/name`; null for our own. */
export function packageFolder(id: string): string | null {
  const path = relative(REPO, id).split(sep).join('/')
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null
}

/** Throws with rolldown's words when a module is missing, or when a rule above finds nothing to replace. */
export async function bundle(options: BundleOptions): Promise<Bundle> {
  const { plugin, missed } = replacing(await rulesFor(options))
  await using build = await rolldown({
    input: options.entry,
    cwd: REPO,
    platform: 'node',
    external: [...options.external],
    makeAbsoluteExternalsRelative: false,
    plugins: [plugin, openpgpApart(options.runtime)],
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message)
    },
  })
  const { output } = await build.generate({
    format: options.format,
    codeSplitting: false,
    minify: 'dce-only',
    comments: { legal: true },
  })
  if (missed().length > 0) throw new Error(`the bundle's rules found no place for: ${missed().join('; ')}`)
  if (output.length !== 1) throw new Error(`${output.length} files instead of one`)
  const packages = Object.entries(output[0].modules).flatMap(([id, { renderedLength }]) =>
    renderedLength > 0 ? [packageFolder(id)].filter((each) => each !== null) : [],
  )
  return { code: output[0].code, packages: [...new Set(packages)].sort() }
}

export interface PackageInfo {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly author: string
}

/** What a package folder, relative to the repository, says about itself; empty where it says nothing. */
export async function packageInfo(folder: string): Promise<PackageInfo> {
  const { name, version, license, author } = JSON.parse(await readFile(join(REPO, folder, 'package.json'), 'utf8'))
  const person = typeof author === 'object' && author !== null ? author.name : author
  return { name, version, license: String(license ?? ''), author: String(person ?? '') }
}
