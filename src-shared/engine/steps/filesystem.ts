// Makes a data file system: it is made aside as a sparse file, then copied and read back like everything else.
import type { Step } from '#model/plan.ts'
import { copyExtents } from '../copy/copy-extents.ts'
import type { Evidence } from '../ports.ts'
import type { StepContext } from './context.ts'

type FilesystemStep = Extract<Step, { type: 'make-filesystem' }>

export async function makeFilesystem(step: FilesystemStep, context: StepContext): Promise<Evidence> {
  const { partition, uuid, into, directories, files } = step
  if (partition.filesystem !== 'ext4' && partition.filesystem !== 'xfs') return { filesystem: partition.filesystem }
  await using made = await context.makeFilesystem({
    kind: partition.filesystem,
    encryption: partition.encryption ?? null,
    size: partition.size,
    sectorSize: context.device.sectorSize,
    uuid,
    label: partition.label ?? '',
    at: context.plan.request.at,
    directories,
    files: files.map((file) => ({
      path: into ? `${into}/${file.path}` : file.path,
      from: file.path,
      sha256: file.sha256,
      mode: file.mode,
    })),
  })
  const done = await copyExtents({
    extents: made.extents,
    read: made.read,
    zeroes: made.zeroes,
    device: context.device,
    codec: context.codec,
    pace: context.pace,
    offset: partition.offset,
    signal: context.signal,
    onProgress: context.progress,
  })
  return {
    filesystem: partition.filesystem,
    uuid,
    files: files.length,
    ...done,
  }
}
