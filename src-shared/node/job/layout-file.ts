// `--layout NAME|FILE`: a built-in layout by name, else a layout file; what has a line break is the text of one.
import { utf8 } from '#base/bytes.ts'
import { EngineError, finding } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { LAYOUT_FILE_LIMIT, parseLayoutYaml } from '#format/layout-yaml.ts'
import type { Layout } from '#model/layout.ts'
import { BUILT_IN_LAYOUTS, builtinLayout } from '#model/layouts.ts'
import { readNamed } from '../os/caller.ts'
import { errnoOf, reasonOf } from '../os/os-errors.ts'

/** No name and no path that anybody means has a line break. */
export const isLayoutText = (word: string): boolean => word.includes('\n')

/**
 * Refusals: `layout.unknown` when it is neither a built-in name nor a file, and all of parseLayoutYaml.
 * Throws `cli.file-unreadable` for a file that cannot be read.
 */
export async function loadLayout(nameOrFile: string): Promise<Result<Layout>> {
  const builtin = builtinLayout(nameOrFile)
  if (builtin) return ok(builtin)
  if (isLayoutText(nameOrFile)) return parseLayoutYaml(utf8(nameOrFile))
  try {
    // One byte more than allowed is enough to see that it is too large.
    const bytes = await readNamed(nameOrFile, LAYOUT_FILE_LIMIT)
    if (bytes) return parseLayoutYaml(bytes)
  } catch (cause) {
    const expected = Object.keys(BUILT_IN_LAYOUTS).join(', ')
    if (errnoOf(cause) === 'ENOENT') return refuse(finding('layout.unknown', { name: nameOrFile, expected }))
    throw new EngineError('cli.file-unreadable', { file: nameOrFile, reason: reasonOf(cause) }, { cause })
  }
  throw new EngineError('cli.file-unreadable', { file: nameOrFile, reason: 'it is no regular file' })
}
