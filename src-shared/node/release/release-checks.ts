// What is asked of a release before a job is planned: every block has its signed digest, the system image can boot from a
// slot, the boot files fit the layout. Nothing of a disk is looked at here.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Finding, finding } from '#base/errors.ts'
import { checkImages } from '#engine/check-images.ts'
import type { BlockCodec } from '#engine/copy/ports.ts'
import { withImageReader } from '#engine/image-reader.ts'
import type { ReleaseImages } from '#engine/steps/context.ts'
import { checkBootFiles } from '#engine/steps/esp.ts'
import type { Layout } from '#model/layout.ts'
import type { ImageRole } from '#model/manifest.ts'
import type { ReleaseFacts } from '#model/plan.ts'
import { factsDiffer } from '#plan/image-fits.ts'
import { readLuksKey } from '../config/filesystem-maker.ts'
import { missingTools } from '../filesystem/filesystems.ts'
import { errnoOf, reasonOf } from '../os/os-errors.ts'
import { type BehindImage, behindImage, checkContent } from './content-check.ts'
import type { AuthenticatedRelease } from './open-release.ts'

export interface CheckProgress {
  readonly signal: AbortSignal
  onProgress(doneBytes: number, totalBytes: number): void
}

/**
 * Every block of the images of a bundle that will be written has its signed digest. The image of a triple was hashed in
 * full when it was opened.
 * @throws EngineError `write.source-mismatch`, `write.source-undecodable`, `job.cancelled`
 */
export async function checkEveryBlock(
  release: AuthenticatedRelease,
  wanted: readonly ImageRole[],
  codec: BlockCodec,
  progress: CheckProgress,
): Promise<void> {
  if (release.kind === 'triple') return
  const roles = wanted.filter((role) => release.roles.includes(role))
  const sources = roles.map((role) => release.image(role))
  await checkImages(sources, codec, progress)
}

export interface SystemCheck {
  /** Why the image could not be booted from a slot (no kernel, unreadable compression), or is not what the manifest says. */
  readonly findings: readonly Finding[]
  /** The release's facts, with what its image says of itself. */
  readonly facts: ReleaseFacts
  /** What follows the file system in the system image; null when that is only its padding. */
  readonly behind: BehindImage | null
}

/** Looks into the system image. Findings: `image.*`. */
export async function inspectSystemImage(release: AuthenticatedRelease, codec: BlockCodec): Promise<SystemCheck> {
  const { facts, manifest } = release
  if (!release.roles.includes('system')) return { findings: [], facts, behind: null }
  const source = release.image('system')
  const { size } = source.table
  const { findings, said, behind } = await withImageReader(source, codec, async (read) => {
    const { findings, facts: said, used } = await checkContent(read, size)
    return { findings, said, behind: await behindImage(read, size, used) }
  })
  const differ = said && manifest ? factsDiffer(said, manifest) : []
  return {
    findings: [...findings, ...differ],
    facts: { ...facts, ...(said?.disk && { imageDisk: said.disk }) },
    behind,
  }
}

/** The findings alone. */
export const checkSystemImage = async (release: AuthenticatedRelease, codec: BlockCodec): Promise<readonly Finding[]> =>
  (await inspectSystemImage(release, codec)).findings

/** Whether the boot files hold a loader and fit the layout's ESP. */
export async function checkBoot(
  release: AuthenticatedRelease,
  codec: BlockCodec,
  layout: Layout,
): Promise<readonly Finding[]> {
  const size = layout.partitions.find(({ role }) => role === 'esp')?.size
  if (!release.roles.includes('esp')) return []
  return await checkBootFiles(release.image('esp'), codec, typeof size === 'number' ? size : Number.MAX_SAFE_INTEGER)
}

/** What making this layout's file systems needs and is not there: programs, room to make them aside, a key that can be read. */
export async function checkMeans(layout: Layout, luksKeyFile: string | null): Promise<readonly Finding[]> {
  const kinds = layout.partitions.flatMap(({ filesystem, encryption }) => [
    filesystem,
    ...(encryption ? [encryption] : []),
  ])
  const tools = (await missingTools(kinds)).map((tool) => finding('tool.missing', { ...tool }))
  const missing = [...tools, ...(await checkScratch())]
  const encrypted = layout.partitions.filter(({ encryption }) => encryption !== undefined)
  if (encrypted.length === 0) return missing
  if (luksKeyFile !== null) {
    await readLuksKey(luksKeyFile)
    return missing
  }
  return [...missing, finding('plan.no-luks-key', { label: encrypted.map(({ name }) => name).join(', ') })]
}

/** What a new file system of any size takes of a sparse file: at most about 6 MiB, for ext4 of hundreds of gigabytes. */
const SCRATCH = 8 * 1024 * 1024

/** Rights and modes do not tell of every folder (/proc, a full disk): what file systems are made in is tried, with their size. */
export async function checkScratch(): Promise<Finding[]> {
  const folder = tmpdir()
  let made: string | null = null
  try {
    made = await mkdtemp(join(folder, 'twinslot-fs-'))
    await writeFile(join(made, 'room'), new Uint8Array(SCRATCH), { flag: 'wx', mode: 0o600 })
    return []
  } catch (error) {
    if (errnoOf(error) === 'unknown error') throw error
    const what = `the folder for temporary files, ${folder}`
    return [finding('cli.system-refused', { what, reason: reasonOf(error) })]
  } finally {
    if (made !== null) await rm(made, { recursive: true, force: true })
  }
}

/** The engine's view of a release: an absent image is null there. */
export const imagesOf = (release: AuthenticatedRelease): ReleaseImages => ({
  image: (role) => (release.roles.includes(role) ? release.image(role) : null),
})
