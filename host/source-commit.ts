// Which commit this console was made from: put in by the build of a package, read from git's own files in a checkout, null in
// an unpacked source archive. Changes that were not committed cannot be seen this way.
import { isAbsolute, join } from 'node:path'
import { readBoundedText } from '#node/os/bounded-read.ts'

/** The build of a package writes the commit here (build/bundle.ts). */
const BUILT_FROM: string | null = null

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/

/** Of this program. Never throws. */
export const sourceCommit = async (): Promise<string | null> =>
  BUILT_FROM ?? (await commitOf(join(import.meta.dirname, '..')))

/** HEAD of the checkout in this folder, also of a linked worktree; null when it is none. */
export async function commitOf(folder: string): Promise<string | null> {
  const git = join(folder, '.git')
  // In a worktree or a submodule `.git` is a file that names the folder.
  const linked = /^gitdir: (.+)$/m.exec(await text(git))?.[1]
  const own = linked === undefined ? git : inside(folder, linked)
  const head = (await text(join(own, 'HEAD'))).trim()
  if (COMMIT.test(head)) return head
  const name = /^ref: (refs\/\S+)$/.exec(head)?.[1]
  if (name === undefined || name.split('/').includes('..')) return null
  const common = (await text(join(own, 'commondir'))).trim()
  const shared = common === '' ? own : inside(own, common)
  const loose = (await text(join(shared, name))).trim()
  if (COMMIT.test(loose)) return loose
  const row = (await text(join(shared, 'packed-refs'))).split('\n').find((line) => line.endsWith(` ${name}`))
  const packed = row?.split(' ')[0] ?? ''
  return COMMIT.test(packed) ? packed : null
}

const inside = (folder: string, path: string): string => (isAbsolute(path) ? path : join(folder, path))

/** What is not there, or is a folder, says nothing. */
const text = (path: string): Promise<string> => readBoundedText(path).catch(() => '')
