// `npm run dist`: the desktop packages of this operating system (AppImage and deb; dmg; nsis) in dist/packages. Looks for
// Electron's runtime first and stops with that reason in one line where it cannot be had. Publishes nothing.

import { cp, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build, type Configuration, Platform } from 'electron-builder'
import { parse } from 'yaml'
import { assembleDesktop, DIST } from './assemble-desktop.ts'
import { packageInfo, REPO } from './bundle.ts'
import { type ElectronRuntime, electronRuntime, fetchElectronRuntime } from './electron-runtime.ts'

const FETCH_LIMIT_MS = 300_000

const PLATFORMS: Readonly<Partial<Record<NodeJS.Platform, Platform>>> = {
  linux: Platform.LINUX,
  darwin: Platform.MAC,
  win32: Platform.WINDOWS,
}

/** electron-builder's configuration as it is in the repository. */
export const builderConfig = async (): Promise<Configuration> =>
  parse(await readFile(join(import.meta.dirname, 'electron-builder.yml'), 'utf8'))

export interface PackOptions {
  /** Folder with Electron's unpacked runtime. */
  readonly electron: string
  /** Folder with `app/` and `runtime/`. */
  readonly from: string
  /** Gets the packages. */
  readonly output: string
  /** electron-builder's name of one kind of package; all that are configured for this system without it. */
  readonly target?: string
}

/** Answers the files that were made. */
export async function pack({ electron, from, output, target }: PackOptions): Promise<readonly string[]> {
  const platform = PLATFORMS[process.platform]
  if (!platform) throw new Error(`${process.platform} is not a system that we package for`)
  // Electron's own example app is not part of ours.
  const clean = join(output, 'electron')
  await cp(electron, clean, { recursive: true, filter: (path) => basename(path) !== 'default_app.asar' })
  const { deb, ...config } = await builderConfig()
  const scripts = join(REPO, 'build/packaging')
  // electron-builder leaves a folder of this name out unless it is named; on Linux there is none.
  const native = process.platform === 'linux' ? [] : ['runtime/node_modules']
  const made = await build({
    // Not the checkout: from there it would take node_modules along.
    projectDir: join(from, 'app'),
    targets: platform.createTarget(target),
    publish: 'never',
    config: {
      ...config,
      deb: {
        ...deb,
        afterInstall: join(scripts, String(deb?.afterInstall)),
        afterRemove: join(scripts, String(deb?.afterRemove)),
      },
      directories: { output, buildResources: scripts },
      extraResources: ['runtime', ...native].map((name) => ({ from: join(from, name), to: name })),
      electronDist: clean,
      electronVersion: (await packageInfo('node_modules/electron')).version,
    },
  })
  await rm(clean, { recursive: true })
  return made
}

/** @param runtime replaced in tests */
export async function dist(runtime: ElectronRuntime, say: (line: string) => void): Promise<number> {
  if (!runtime.present) {
    say(`No packages: ${runtime.reason}.`)
    return 1
  }
  say('Building the renderer and the programs')
  await assembleDesktop()
  say('Packing')
  for (const file of await pack({ electron: runtime.dist, from: DIST, output: join(DIST, 'packages') })) say(file)
  return 0
}

if (import.meta.main) {
  const here = electronRuntime()
  const runtime = here.present ? here : await fetchElectronRuntime(FETCH_LIMIT_MS)
  process.exitCode = await dist(runtime, (line) => console.log(line))
}
