// The desktop app from a checkout: renderer and programs into dist/, where `electron dist/app` starts it and `npm run dist`
// packs it.
import { join } from 'node:path'
import { build } from 'vite'
import { assemble } from './assemble.ts'
import { packageFolder, REPO } from './bundle.ts'

export const DIST = join(REPO, 'dist')
/** What Electron is started with. */
export const APP = join(DIST, 'app')

/** dist/renderer anew, because the packages whose code is in it are only known while it is built. */
async function buildRenderer(): Promise<readonly string[]> {
  const built = await build({ configFile: join(REPO, 'vite.config.ts'), logLevel: 'warn' })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((each) => ('output' in each ? each.output : []))
  const ids = outputs.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : []))
  return [...new Set(ids.map(packageFolder).filter((each) => each !== null))].sort()
}

/** Makes dist/app and dist/runtime. */
export async function assembleDesktop(): Promise<void> {
  const rendererPackages = await buildRenderer()
  await assemble({ outDir: DIST, renderer: join(DIST, 'renderer'), rendererPackages })
}
