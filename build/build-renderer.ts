// Builds the console's renderer to dist/renderer when its sources changed since the last build: `npm run build` and
// `npm start`. What counts is content, not times.
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isEngineError } from '#base/errors.ts'
import { lockPath } from '#node/os/path-lock.ts'

const SOURCES = ['renderer', 'src-shared/contract', 'src-shared/base', 'src-shared/model', 'src-shared/plan'] as const
const FILES = ['vite.config.ts', 'package-lock.json'] as const

/** SHA-256 over names and bytes of everything that the build reads. */
export async function rendererDigest(root: string): Promise<string> {
  const paths: string[] = [...FILES]
  for (const folder of SOURCES)
    for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
        paths.push(join(entry.parentPath, entry.name).slice(root.length + 1))
  const hash = createHash('sha256')
  for (const path of paths.sort()) {
    const bytes = await readFile(join(root, path))
    hash.update(`${path}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

const WAIT_MS = 100

/** Two builds at once would empty each other's folder; the second one waits and finds everything done. */
async function oneBuilder(root: string): Promise<AsyncDisposable> {
  const key = `renderer-${createHash('sha256').update(root).digest('hex').slice(0, 32)}`
  for (;;) {
    try {
      return await lockPath(root, key)
    } catch (error) {
      if (!isEngineError(error, 'disk.busy')) throw error
      await delay(WAIT_MS)
    }
  }
}

/** Answers the folder, and whether it had to be built. Writes nothing when it is up to date: the checkout may be another's. */
export async function buildRenderer(root: string): Promise<{ folder: string; built: boolean }> {
  const folder = join(root, 'dist', 'renderer')
  const stamp = join(root, 'dist', 'renderer.sha256')
  const upToDate = async (digest: string): Promise<boolean> => {
    const [known, index] = await Promise.all([
      readFile(stamp, 'utf8').catch(() => ''),
      readFile(join(folder, 'index.html')).catch(() => null),
    ])
    return known === digest && index !== null
  }
  if (await upToDate(await rendererDigest(root))) return { folder, built: false }
  await using _alone = await oneBuilder(root)
  const digest = await rendererDigest(root)
  if (await upToDate(digest)) return { folder, built: false }
  // Not before: most starts build nothing.
  const { build } = await import('vite')
  await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' })
  await writeFile(stamp, digest)
  return { folder, built: true }
}

if (import.meta.main) {
  const { built } = await buildRenderer(join(import.meta.dirname, '..'))
  process.stdout.write(built ? 'Built dist/renderer.\n' : 'dist/renderer is up to date.\n')
}
