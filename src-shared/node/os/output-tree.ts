// A folder of files that appears whole or not at all: made beside its place, renamed, removed when the work fails. In a folder
// that is there already each file is put whole, and replaces another one only on wish.
import { access, chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from './make-folder.ts'
import { checkFree, type OutputOptions, outputError, writeOutput } from './output-file.ts'

/**
 * `folder` is absolute and without a slash at its end.
 * @throws EngineError `cli.file-exists` before anything is written, `release.output-failed`
 */
export async function writeTree(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  options: OutputOptions = {},
): Promise<void> {
  const isThere = await access(folder).then(
    () => true,
    () => false,
  )
  if (isThere) {
    if (!options.replace) await checkFree([...files.keys()].map((path) => join(folder, path)))
    return await writeInto(folder, files, options)
  }
  let [made, part]: (string | undefined)[] = []
  try {
    made = await makeFolder(dirname(folder))
    part = await mkdtemp(`${folder}.part-`)
    // Ours alone: what is in the way there is a fault of the files.
    await writeInto(part, files, { replace: true })
    await chmod(part, 0o777 & ~process.umask())
    await rename(part, folder)
  } catch (error) {
    const left = made ?? part
    if (left !== undefined) await rm(left, { recursive: true, force: true })
    throw outputError(folder, error)
  }
}

async function writeInto(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  options: OutputOptions,
): Promise<void> {
  for (const [path, bytes] of files) {
    const full = join(folder, path)
    await makeFolder(dirname(full)).catch((error: unknown) => {
      throw outputError(full, error)
    })
    await writeOutput(full, async (file) => await file.writeFile(bytes), options)
  }
}
