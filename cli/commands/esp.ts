// esp list|get|put: files of the EFI system partition, without mounting it.
import { stat } from 'node:fs/promises'
import { formatBytes } from '#base/bytes.ts'
import { EngineError, isEngineError } from '#base/errors.ts'
import { observeDisk, openEsp } from '#engine/observe.ts'
import type { BlockDevice } from '#engine/ports.ts'
import { heldBack } from '#engine/rehearsal.ts'
import { checkIdentity } from '#engine/run-plan.ts'
import type { FatVolume } from '#format/fat32/fat32.ts'
import type { DiskIdentity } from '#model/disk.ts'
import type { DiskObservation } from '#model/observation.ts'
import { checkNotHeld } from '#node/disk/not-held.ts'
import { type OpenDisk, openDisk } from '#node/job/station.ts'
import { readBounded } from '#node/os/bounded-read.ts'
import { reasonOf } from '#node/os/os-errors.ts'
import { writeNewFile } from '#node/os/output-file.ts'
import { terminalOutput } from '#node/terminal/steady-stream.ts'
import { LONG_TEXT, printable, targetOf } from '#plan/common.ts'
import { nameOfDisk } from '#plan/describe.ts'
import { notAbDisk } from '#plan/flash.ts'
import { offerDisk } from '#plan/offer.ts'
import { flag, parseWords } from '../args.ts'
import type { Command } from '../commands.ts'
import { askToConfirm } from '../confirm.ts'
import { NOTHING_WRITTEN, Refused } from '../output.ts'

/** An ESP holds boot files, not images. */
const MAX_FILE = 256 * 1024 * 1024

async function volumeOf(open: OpenDisk) {
  const seen = await observeDisk(open.device, open.disk)
  return { seen, volume: await volumeIn(open.device, seen) }
}

async function volumeIn(device: BlockDevice, seen: DiskObservation): Promise<FatVolume> {
  if (!seen.esp) throw new Refused([notAbDisk(seen)])
  const volume = await openEsp(device, seen.esp)
  if ('code' in volume) throw new EngineError(volume.code, volume.details)
  return volume
}

function fileFailure(file: string, error: unknown): EngineError {
  const reason = typeof error === 'string' ? error : reasonOf(error)
  return new EngineError('cli.file-unreadable', { file, reason }, { cause: error })
}

export const run: Command = async (context) => {
  const [, action, ...argv] = context.argv
  if (action === 'list') return await list(argv, context)
  return action === 'get' ? await get(argv, context) : await put(argv, context)
}

async function list(argv: readonly string[], { output }: Parameters<Command>[0]): Promise<number> {
  const words = parseWords('esp list', argv, { words: ['DISK'] })
  await using open = await openDisk(words.positionals[0], true)
  const { volume } = await volumeOf(open)
  const files = await volume.list('', { recursive: true })
  output.result(
    { files, free: await volume.freeBytes() },
    files.map(
      (file) =>
        `${file.kind === 'file' ? formatBytes(file.size).padStart(9) : '        -'}  /${printable(file.path, LONG_TEXT)}`,
    ),
  )
  return 0
}

async function get(argv: readonly string[], { output }: Parameters<Command>[0]): Promise<number> {
  const words = parseWords('esp get', argv, { words: ['DISK', 'PATH', 'FILE'] })
  const [disk, path, file] = words.positionals
  await using open = await openDisk(disk, true)
  const { volume } = await volumeOf(open)
  const bytes = await volume.read(path, { maxBytes: MAX_FILE })
  await writeNewFile(file, bytes)
  output.result({ path, file, size: bytes.length }, [`${formatBytes(bytes.length)} from ${path} to ${file}`])
  return 0
}

async function put(argv: readonly string[], { output, signal }: Parameters<Command>[0]): Promise<number> {
  const words = parseWords('esp put', argv, { words: ['DISK', 'PATH', 'FILE'], flags: ['yes'] })
  const [disk, path, file] = words.positionals
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : Promise.reject(fileFailure(file, 'it is not a regular file'))),
    (error) => {
      throw fileFailure(file, error)
    },
  )
  if (size > MAX_FILE) throw new EngineError('fat.file-too-large', { path, found: size, expected: MAX_FILE })
  const bytes = await readBounded(file, MAX_FILE).catch((error) => {
    throw fileFailure(file, error)
  })
  let confirmed: DiskIdentity
  {
    await using look = await openDisk(disk, true)
    const { seen } = await volumeOf(look)
    confirmed = seen.disk.identity
    const offer = offerDisk(seen.disk, null)
    if (!offer.offered) throw new Refused(offer.reasons)
    // What writing it would be refused for is found before anybody is asked.
    await volumeIn(heldBack(look.device), seen).then((rehearsed) => rehearsed.put(path, bytes, new Date()))
    await checkNotHeld(look.disk)
    output.line(`Disk ${nameOfDisk(targetOf(seen))}: ${path} on its EFI system partition will be written.`)
    if (!flag(words, 'yes'))
      await askToConfirm([targetOf(seen)], { input: process.stdin, output: terminalOutput() }, signal)
  }
  await using open = await openDisk(disk, false)
  const { volume } = await volumeOf(open)
  checkIdentity(confirmed, await open.device.identity(), disk)
  try {
    await volume.put(path, bytes, new Date())
  } catch (error) {
    const untouched =
      isEngineError(error) && ['fat.full', 'fat.bad-name', 'fat.wrong-kind', 'fat.directory-full'].includes(error.code)
    const sentence = `${path} was not replaced: its old content, if any, is still there.`
    return output.failure(error, untouched ? NOTHING_WRITTEN : { written: true, sentence })
  }
  const after = await open.device
    .identity()
    .then(() => volume.read(path, { maxBytes: MAX_FILE }))
    .catch((error: unknown) => error)
  if (!(after instanceof Uint8Array) || Buffer.compare(after, bytes) !== 0) {
    const error = after instanceof Error ? after : new EngineError('boot.write-differs', { file: path })
    return output.failure(error, { written: true, sentence: `${path} was written, but cannot be relied on.` })
  }
  output.result({ path, size: bytes.length, applied: true }, [
    `${formatBytes(bytes.length)} written to ${path} and read back.`,
  ])
  return 0
}
