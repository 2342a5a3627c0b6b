// Files that a person may choose, as tokens. On the desktop a native dialog asks; in the browser the host offers what lies
// in its own folders. A window never names a path.
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ConsoleParams, FileChoice } from '#contract/console.ts'
import type { Calls, Files } from './ports.ts'
import { openTokens } from './tokens.ts'

export type Purpose = ConsoleParams<'file.choose'>['purpose']

/** Answers paths; none when the person changed their mind. */
export type Chooser = (purpose: Purpose) => Promise<readonly string[]>

export function openFiles(choose: Chooser): Files & { readonly calls: Calls<'file.choose'> } {
  const tokens = openTokens<string>('file')
  const choiceOf = async (path: string): Promise<FileChoice> => {
    const found = await stat(path)
    return { file: tokens.keep(path, path), name: basename(path), size: found.isDirectory() ? 0 : found.size }
  }
  return {
    path: (token) => tokens.get(token),
    calls: {
      'file.choose': async ({ purpose }) => ({ choices: await Promise.all((await choose(purpose)).map(choiceOf)) }),
    },
  }
}

const FITS: Readonly<Record<Purpose, RegExp | 'folder'>> = {
  image: /\.(twinslot|img|iso)$/i,
  'virtual-disk': /\.(img|raw)$/i,
  'config-folder': 'folder',
}

/** Offers what fits in these folders; a folder that is not there has nothing to offer. */
export const chooseFrom =
  (folders: readonly string[]): Chooser =>
  async (purpose) => {
    const fits = FITS[purpose]
    const found: string[] = []
    for (const folder of folders) {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
      for (const entry of entries) {
        const right = fits === 'folder' ? entry.isDirectory() : entry.isFile() && fits.test(entry.name)
        if (right && !entry.name.startsWith('.')) found.push(join(folder, entry.name))
      }
    }
    return found.sort()
  }
