// Puts the desktop package together, file by file: dist/app (what Electron loads; becomes app.asar) and dist/runtime (Node 24,
// the privileged runner, the command line and what they read; stays plain files). Nothing is in the package that is not
// named here: PACKAGE_FILES is the list, and what differs from it fails the build.
import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { type Bundle, bundle, packageInfo, REPO } from './bundle.ts'
import { nodeNotice, thirdPartyNotices } from './notices.ts'

/** Allow-list; a pattern stands for one path below `app/` or `runtime/`. */
const APP_FILES: readonly RegExp[] = [
  /^LICENSE$/,
  /^THIRD-PARTY-NOTICES\.txt$/,
  /^package\.json$/,
  /^main\.mjs$/,
  /^preload\.cjs$/,
  /^renderer\/index\.html$/,
  /^renderer\/assets\/[\w-]+\.(js|css|svg|png|woff2)$/,
]

const RUNTIME_FILES: readonly RegExp[] = [
  /^LICENSE$/,
  /^THIRD-PARTY-NOTICES\.txt$/,
  /^package\.json$/,
  /^node(\.exe)?$/,
  /^(twinslot-runner|twinslot-guard|twinslot|block-codec-worker|drivelist-child)\.mjs$/,
  /^bin\/twinslot(\.cmd)?$/,
  /^askpass$/,
  /^polkit\/(org\.twinslot\.runner\.policy|twinslot-(runner|guard))$/,
  /^grub\/\w+\.cfg$/,
  /^(initrd-init|writable-places)$/,
  /^openpgp\/(LICENSE|package\.json|openpgp\.mjs)$/,
  /^node_modules\/(drivelist|bindings|file-uri-to-path)\/(LICENSE|LICENSE\.md|package\.json|[\w./-]+\.(js|node))$/,
]

/** Programs of the runtime and their first modules. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'twinslot-runner.mjs': 'host/runner/main.ts',
  'twinslot-guard.mjs': 'host/runner/guard.ts',
  'twinslot.mjs': 'cli/main.ts',
  'block-codec-worker.mjs': 'src-shared/node/codec/block-codec-worker.ts',
  'drivelist-child.mjs': 'src-shared/node/disk/drivelist-child.ts',
}

export interface AssembleOptions {
  /** Gets `app/` and `runtime/`; both are made anew. */
  readonly outDir: string
  /** Folder of the built renderer. */
  readonly renderer: string
  /** Package folders whose code the renderer's files contain. */
  readonly rendererPackages: readonly string[]
  readonly platform?: NodeJS.Platform
}

export interface Assembled {
  readonly app: readonly string[]
  readonly runtime: readonly string[]
}

/** All files below a folder, with slashes, sorted. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

/** Files that the allow-list does not know. */
export const strangers = (files: readonly string[], allowed: readonly RegExp[]): string[] =>
  files.filter((file) => !allowed.some((pattern) => pattern.test(file)))

async function put(folder: string, name: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  await chmod(path, mode)
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** Throws when something is missing, or when a file is not in the allow-list. */
export async function assemble(options: AssembleOptions): Promise<Assembled> {
  const platform = options.platform ?? process.platform
  const app = join(options.outDir, 'app')
  const runtime = join(options.outDir, 'runtime')
  for (const folder of [app, runtime]) await rm(folder, { recursive: true, force: true })
  const { version, license, description } = JSON.parse(await readFile(join(REPO, 'package.json'), 'utf8'))
  const apache = await readFile(join(REPO, 'LICENSE'), 'utf8')
  const main = await bundle({
    entry: 'electron/main.ts',
    format: 'esm',
    runtime: '../runtime/',
    external: ['electron'],
  })
  const preload = await bundle({ entry: 'electron/preload.ts', format: 'cjs', runtime: './', external: ['electron'] })
  const about = { name: 'twinslot', productName: 'Twinslot', version, description, license, type: 'module' }
  await put(app, 'main.mjs', main.code)
  await put(app, 'preload.cjs', preload.code)
  await put(app, 'package.json', json({ ...about, author: 'The Twinslot authors', main: 'main.mjs' }))
  await cp(options.renderer, join(app, 'renderer'), { recursive: true })
  await finish(app, apache, [...main.packages, ...preload.packages, ...options.rendererPackages])

  const programs: Bundle[] = []
  for (const [name, entry] of Object.entries(PROGRAMS)) {
    const made = await bundle({ entry, format: 'esm', runtime: './', external: ['drivelist'] })
    await put(runtime, name, made.code)
    programs.push(made)
  }
  await put(runtime, 'package.json', json({ ...about, private: true }))
  const packages = await runtimeFiles(runtime, platform)
  const node = nodeNotice((await packageInfo('node_modules/node')).version)
  await finish(runtime, apache, [...programs.flatMap((each) => each.packages), ...packages], [node])

  const files = { app: await listFiles(app), runtime: await listFiles(runtime) }
  const foreign = [...strangers(files.app, APP_FILES), ...strangers(files.runtime, RUNTIME_FILES)]
  if (foreign.length > 0) throw new Error(`not in the package's list of files: ${foreign.join(', ')}`)
  return files
}

/** What the programs read and start besides themselves; answers the npm packages among it. */
async function runtimeFiles(runtime: string, platform: NodeJS.Platform): Promise<string[]> {
  const from = (path: string): string => join(REPO, path)
  const windows = platform === 'win32'
  const node = windows ? 'node.exe' : 'node'
  await copyFile(from(`node_modules/node/bin/${node}`), join(runtime, node))
  await chmod(join(runtime, node), 0o755)
  const programs: readonly (readonly [string, string])[] = windows
    ? [['bin/twinslot.cmd', 'twinslot.cmd']]
    : [
        ['bin/twinslot', 'twinslot'],
        ...(platform === 'darwin'
          ? ([['askpass', 'askpass']] as const)
          : ([
              ['polkit/twinslot-runner', 'twinslot-runner'],
              ['polkit/twinslot-guard', 'twinslot-guard'],
            ] as const)),
      ]
  for (const [name, source] of programs)
    await put(runtime, name, await readFile(from(`build/packaging/${source}`)), 0o755)
  if (platform === 'linux') {
    const policy = 'org.twinslot.runner.policy'
    await put(runtime, `polkit/${policy}`, await readFile(from(`build/polkit/${policy}`)))
  }
  for (const name of await readdir(from('src-shared/node/boot/grub')))
    await put(runtime, `grub/${name}`, await readFile(from(`src-shared/node/boot/grub/${name}`)))
  await put(runtime, 'initrd-init', await readFile(from('src-shared/node/recipe/initrd-init')), 0o755)
  await put(runtime, 'writable-places', await readFile(from('src-shared/node/recipe/writable-places')))
  const openpgp = 'node_modules/openpgp'
  for (const name of ['LICENSE', 'package.json', 'dist/node/openpgp.mjs'])
    await put(runtime, `openpgp/${basename(name)}`, await readFile(from(`${openpgp}/${name}`)))
  return [openpgp, ...(platform === 'linux' ? [] : await nativeDrivelist(runtime))]
}

/** macOS and Windows ask drivelist's native part; on Linux its JavaScript part is inside the child's bundle. */
async function nativeDrivelist(runtime: string): Promise<string[]> {
  const packages = ['drivelist', 'bindings', 'file-uri-to-path'].map((name) => `node_modules/${name}`)
  for (const folder of packages) {
    for (const file of await listFiles(join(REPO, folder))) {
      const wanted = /^(LICENSE(\.md)?|package\.json|(?!test)[\w/-]+\.js|build\/Release\/drivelist\.node)$/.test(file)
      if (wanted) await put(runtime, `${folder}/${file}`, await readFile(join(REPO, folder, file)))
    }
  }
  return packages
}

async function finish(
  folder: string,
  apache: string,
  packages: readonly string[],
  more: readonly string[] = [],
): Promise<void> {
  await put(folder, 'LICENSE', apache)
  await put(folder, 'THIRD-PARTY-NOTICES.txt', await thirdPartyNotices(packages, { 'Apache-2.0': apache }, more))
}
