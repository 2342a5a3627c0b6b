// Disk image files on the bench: made here, or chosen by a person. The list outlives the console; a file that is gone is
// dropped from it without a word, one that cannot be read stays and says why.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { createDiskFile } from '#node/disk/file-device.ts'
import { inspectFileAsDisk } from '#node/disk/inventory.ts'
import { readJsonFile, writeJsonFile } from '#node/os/state-file.ts'

const listSchema = z.array(z.string().max(4096)).max(500)

export interface VirtualDisks {
  paths(): readonly string[]
  /** A sparse file `NAME.img`. @throws EngineError `disk.file-exists`, `disk.full` */
  create(name: string, size: number): Promise<string>
  /** @throws EngineError what inspectFileAsDisk throws for something that cannot be a disk */
  add(path: string): Promise<string>
  remove(path: string, erase: boolean): Promise<void>
}

export async function openVirtualDisks(folder: string): Promise<VirtualDisks> {
  const file = join(folder, 'bench.json')
  const read = await readJsonFile(file, (value) => listSchema.safeParse(value).data ?? null)
  let paths: readonly string[] = read.state === 'present' ? read.value : []
  const keep = async (next: readonly string[]): Promise<void> => {
    paths = [...new Set(next)]
    await writeJsonFile(file, paths)
  }
  return {
    paths: () => paths,
    async create(name, size) {
      const path = join(folder, `${name}.img`)
      await (await createDiskFile(path, size))[Symbol.asyncDispose]()
      await keep([...paths, path])
      return path
    },
    async add(path) {
      const { path: real } = await inspectFileAsDisk(path)
      await keep([...paths, real])
      return real
    },
    async remove(path, erase) {
      await keep(paths.filter((each) => each !== path))
      if (erase) await rm(path, { force: true })
    },
  }
}
