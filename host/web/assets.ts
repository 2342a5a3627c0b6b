// The built renderer in memory: every file by its address. Only what was there at the start is served, by exact name.
import { readdir } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { readBounded } from '#node/os/bounded-read.ts'

export interface Asset {
  readonly type: string
  readonly bytes: Uint8Array
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

/** @throws EngineError `host.no-renderer` when there is no index.html */
export async function readAssets(folder: string): Promise<ReadonlyMap<string, Asset>> {
  const assets = new Map<string, Asset>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)]
    if (!entry.isFile() || !type) continue
    const path = join(entry.parentPath, entry.name)
    assets.set(`/${relative(folder, path).split(sep).join('/')}`, { type, bytes: await readBounded(path) })
  }
  if (!assets.has('/index.html')) throw new EngineError('host.no-renderer', { folder })
  return assets
}
