// What a system needs whose root stays read-only: the list of its writable places, a folder for each and for the usual
// mount points, and a name for the resolver's file. The initial RAM disk mounts the places (initrd-init).
import { chmod, lstat, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { readBoundedText } from '../os/bounded-read.ts'
import { WRITABLE_PLACES } from './initrd.ts'

/** Where the list is in an image. */
export const PLACES_FILE = 'usr/lib/twinslot/writable-places'

export interface WritablePlace {
  readonly path: string
  readonly mode: number
  /** As tmpfs takes it: `50%`, `64m`. */
  readonly size: string
}

/** Parses the list; `file` is for the message. @throws EngineError `recipe.writable-places` */
export function parseWritablePlaces(text: string, file: string): WritablePlace[] {
  return text.split('\n').flatMap((line, index): WritablePlace[] => {
    if (line.trim() === '' || line.startsWith('#')) return []
    const [, path, mode, size] = /^(\/\S+)[ \t]+([0-7]{3,4})[ \t]+(\d+[%kmg])$/.exec(line) ?? []
    if (!path || path.endsWith('/') || path.split('/').some((part) => part === '.' || part === '..'))
      throw new EngineError('recipe.writable-places', { file, line: index + 1, found: line.slice(0, 80) })
    return [{ path, mode: Number.parseInt(mode, 8), size }]
  })
}

/** Throws `recipe.writable-places`. */
export async function prepareReadOnlyRoot(tree: string): Promise<readonly WritablePlace[]> {
  const file = join(tree, PLACES_FILE)
  const own = await readBoundedText(file).catch(() => null)
  const text = own ?? (await readBoundedText(WRITABLE_PLACES))
  const places = parseWritablePlaces(text, `/${PLACES_FILE}`)
  if (own === null) {
    await makeFolder(tree, dirname(PLACES_FILE))
    await writeFile(file, text)
    await chmod(file, 0o644)
  }
  for (const { path } of places) await makeFolder(tree, path)
  await linkResolver(tree)
  return places
}

/** Rights do not depend on who builds; what is there stays as it is. */
async function makeFolder(tree: string, path: string): Promise<void> {
  const folder = join(tree, path)
  if (await lstat(folder).catch(() => null)) return
  if (path !== '/' && path !== '.') await makeFolder(tree, dirname(path))
  await mkdir(folder)
  await chmod(folder, 0o755)
}

/** Whoever learns the name servers writes below /run; systemd's resolver has a place of its own there. */
async function linkResolver(tree: string): Promise<void> {
  await makeFolder(tree, 'etc')
  const link = join(tree, 'etc/resolv.conf')
  const resolved = await lstat(join(tree, 'usr/lib/systemd/systemd-resolved')).catch(() => null)
  await rm(link, { force: true })
  await symlink(resolved ? '../run/systemd/resolve/resolv.conf' : '../run/resolv.conf', link)
}
