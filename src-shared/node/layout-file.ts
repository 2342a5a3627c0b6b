// `--layout NAME|FILE`: a built-in layout by name, else a layout file.
import { open } from 'node:fs/promises'
import { EngineError, finding } from '../base/errors.ts'
import { ok, type Result, refuse } from '../base/result.ts'
import { LAYOUT_FILE_LIMIT, parseLayoutYaml } from '../format/layout-yaml.ts'
import type { Layout } from '../model/layout.ts'
import { BUILT_IN_LAYOUTS, builtinLayout } from '../model/layouts.ts'
import { errnoOf, reasonOf } from './os-errors.ts'

/**
 * Refusals: `layout.unknown` when it is neither a built-in name nor a file, and all of parseLayoutYaml.
 * Throws `cli.file-unreadable` for a file that cannot be read.
 */
export async function loadLayout(nameOrFile: string): Promise<Result<Layout>> {
  const builtin = builtinLayout(nameOrFile)
  if (builtin) return ok(builtin)
  try {
    await using file = await open(nameOrFile, 'r')
    // One byte more than allowed is enough to see that it is too large; a device file cannot run on for ever.
    const bytes = new Uint8Array(LAYOUT_FILE_LIMIT + 1)
    let length = 0
    for (let count = -1; count !== 0 && length < bytes.length; length += count)
      count = (await file.read(bytes, length, bytes.length - length, length)).bytesRead
    return parseLayoutYaml(bytes.subarray(0, length))
  } catch (cause) {
    const expected = Object.keys(BUILT_IN_LAYOUTS).join(', ')
    if (errnoOf(cause) === 'ENOENT') return refuse(finding('layout.unknown', { name: nameOrFile, expected }))
    throw new EngineError('cli.file-unreadable', { file: nameOrFile, reason: reasonOf(cause) }, { cause })
  }
}
