// `npm run dist`: the desktop packages of this operating system (AppImage and deb; dmg; nsis) in dist/packages. Looks for
// Electron's runtime first and stops with that reason in one line where it cannot be had. Publishes nothing.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, Platform } from 'electron-builder'
import { parse } from 'yaml'
import { assemble } from './assemble.ts'
import { packageFolder, REPO } from './bundle.ts'
import { type ElectronRuntime, electronRuntime, fetchElectronRuntime } from './electron-runtime.ts'

const FETCH_LIMIT_MS = 300_000
const DIST = join(REPO, 'dist')

const PLATFORMS: Readonly<Partial<Record<NodeJS.Platform, Platform>>> = {
  linux: Platform.LINUX,
  darwin: Platform.MAC,
  win32: Platform.WINDOWS,
}

/** electron-builder's configuration as it is in the repository. */
export const builderConfig = async (): Promise<Record<string, unknown>> =>
  parse(await readFile(join(import.meta.dirname, 'electron-builder.yml'), 'utf8'))

/** Builds the renderer; answers the packages whose code is in it. */
export async function buildRenderer(): Promise<readonly string[]> {
  const vite = await import('vite')
  const built = await vite.build({ configFile: join(REPO, 'vite.config.ts'), logLevel: 'warn' })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((each) => ('output' in each ? each.output : []))
  const ids = outputs.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : []))
  return [...new Set(ids.map(packageFolder).filter((each) => each !== null))].sort()
}

/** dist/app and dist/runtime, as `npm start` with a runtime uses them, too. */
export async function assembleDesktop(): Promise<void> {
  const rendererPackages = await buildRenderer()
  await assemble({ outDir: DIST, renderer: join(DIST, 'renderer'), rendererPackages })
}

/** @param runtime replaced in tests */
export async function dist(runtime: ElectronRuntime, say: (line: string) => void): Promise<number> {
  const platform = PLATFORMS[process.platform]
  if (!runtime.present || !platform) {
    say(`No packages: ${runtime.present ? `${process.platform} is not a platform we package for` : runtime.reason}.`)
    return 1
  }
  say('Building the renderer and the programs')
  await assembleDesktop()
  say('Packing')
  const made = await build({
    projectDir: REPO,
    targets: platform.createTarget(),
    publish: 'never',
    config: { ...(await builderConfig()), electronDist: runtime.dist },
  })
  for (const file of made) say(file)
  return 0
}

if (import.meta.main) {
  const here = electronRuntime()
  const runtime = here.present ? here : await fetchElectronRuntime(FETCH_LIMIT_MS)
  process.exitCode = await dist(runtime, (line) => console.log(line))
}
