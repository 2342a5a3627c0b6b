// A folder of files that appears whole or not at all: made beside its place, renamed, removed when the work fails. In a folder
// that is there already each file is replaced whole.
import { access, chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from './make-folder.ts'
import { outputError, writeOutput } from './output-file.ts'

/** `folder` is absolute and without a slash at its end. @throws EngineError `release.output-failed` */
export async function writeTree(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const isThere = await access(folder).then(
    () => true,
    () => false,
  )
  if (isThere) return await writeInto(folder, files)
  let [made, part]: (string | undefined)[] = []
  try {
    made = await makeFolder(dirname(folder))
    part = await mkdtemp(`${folder}.part-`)
    await writeInto(part, files)
    await chmod(part, 0o777 & ~process.umask())
    await rename(part, folder)
  } catch (error) {
    const left = made ?? part
    if (left !== undefined) await rm(left, { recursive: true, force: true })
    throw outputError(folder, error)
  }
}

async function writeInto(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [path, bytes] of files) {
    const full = join(folder, path)
    await makeFolder(dirname(full)).catch((error: unknown) => {
      throw outputError(full, error)
    })
    await writeOutput(full, async (file) => await file.writeFile(bytes))
  }
}
