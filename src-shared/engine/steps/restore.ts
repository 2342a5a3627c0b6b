// Restoring /config inside an ext4 file system that stays: what is there is copied aside first, the change is made and
// checked aside, then only the blocks that differ are written and read back. A file system that was being changed says so.
import { equalBytes } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import type { Step } from '#model/plan.ts'
import { copyExtents } from '../copy/copy-extents.ts'
import type { Evidence } from '../ports.ts'
import type { ConfigFiles, StepContext } from './context.ts'

type StepOf<T extends Step['type']> = Extract<Step, { type: T }>

function configFilesOf({ configFiles, plan }: StepContext): ConfigFiles {
  if (!configFiles) throw new Error(`a ${plan.request.kind} job without access to /config`)
  return configFiles
}

export async function keepConfig({ at, directory }: StepOf<'keep-config'>, context: StepContext): Promise<Evidence> {
  return { ...(await configFilesOf(context).keep(at, directory)) }
}

export async function replaceFiles(step: StepOf<'replace-files'>, context: StepContext): Promise<Evidence> {
  const { at, directory, files } = step
  const { device, resumed } = context
  const wanted = { at, directory, files, time: context.plan.request.at, resumed }
  await using made = await configFilesOf(context).replace(wanted, device)
  await writeFirst(made.begin, at.offset, context)
  const done = await copyExtents({
    extents: made.changes,
    zeroes: [],
    read: made.read,
    device,
    codec: context.codec,
    pace: context.pace,
    offset: at.offset,
    signal: context.signal,
    onProgress: context.progress,
  })
  await writeFirst(made.end, at.offset, context)
  return { files: files.length, ...done }
}

async function writeFirst(block: Uint8Array, offset: number, { device }: StepContext): Promise<void> {
  await device.write(offset, block)
  await device.flush()
  const found = device.allocate(block.length)
  await device.read(offset, found)
  if (!equalBytes(found, block))
    throw new EngineError('write.verify-failed', { offset, expected: 'the superblock', found: 'other bytes' })
}
