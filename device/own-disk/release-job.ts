// Jobs on the standby slot, by the bench's planners and engine: write a release into it, or check it and arm its trial.
// Memory is bounded by the release's block size; an interrupted writing continues by what is on the disk already.
import { readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { firstError, throwIfAborted } from '#base/errors.ts'
import { checkImages } from '#engine/check-images.ts'
import type { BlockCodec } from '#engine/copy/ports.ts'
import type { Fetcher } from '#engine/download/ports.ts'
import { observeDisk } from '#engine/observe.ts'
import type { Clock, JobEvent } from '#engine/ports.ts'
import { JobFailed, runPlan } from '#engine/run-plan.ts'
import type { ReleaseImages } from '#engine/steps/context.ts'
import { checkSlot } from '#engine/steps/slot.ts'
import type { DiskObservation } from '#model/observation.ts'
import type { Plan, ReleaseFacts } from '#model/plan.ts'
import { otherSlot, type Slot } from '#model/slot.ts'
import { nodePace } from '#node/codec/block-codec.ts'
import { createDigest } from '#node/codec/hashing.ts'
import { journalFiles } from '#node/job/journal-file.ts'
import { readBoundedText } from '#node/os/bounded-read.ts'
import { errnoOf } from '#node/os/os-errors.ts'
import { checkSlotContent } from '#node/release/content-check.ts'
import { type AuthenticatedRelease, type OpenOptions, openRelease } from '#node/release/open-release.ts'
import { inspectSystemImage } from '#node/release/release-checks.ts'
import { openRemoteRelease } from '#node/release/remote-release.ts'
import { planFlash } from '#plan/flash.ts'
import { jobKey } from '#plan/plan-id.ts'
import { planSlot } from '#plan/select-slot.ts'
import type { TrustedKeys } from '#trust/keyring.ts'
import type { DevicePaths, WriteStandby, WrittenRelease } from '../ports.ts'
import { failure, orThrow } from './failure.ts'
import type { OwnChange } from './find.ts'
import { readTrustedKeys } from './trusted-keys.ts'
import { whatRuns, withTruth } from './what-runs.ts'

/** Opens and authenticates a release by path or URL. */
export type OpenFrom = (from: string, trusted: TrustedKeys, options: OpenOptions) => Promise<AuthenticatedRelease>

/** Asked for each release: certificates and hosts come from files that may change. */
export type FetcherOf = () => Promise<Fetcher>

export interface JobSettings {
  readonly paths: DevicePaths
  readonly clock: Clock
  readonly product: string | null
  readonly codec: BlockCodec
  readonly openFrom: OpenFrom
}

const isUrl = (from: string): boolean => /^https?:\/\//i.test(from)

/** A path is opened as a file; a URL is read from its server as it is written, when there is a `fetcher`. */
export const openFromAnywhere =
  (fetcher: FetcherOf | null): OpenFrom =>
  async (from, trusted, options) => {
    if (!fetcher || !isUrl(from)) return await openRelease(from, trusted, options)
    const { now, signal } = options
    return await openRemoteRelease(from, trusted, { now, fetcher: await fetcher(), ...(signal ? { signal } : {}) })
  }

const by = (): string => `twinslot@${hostname()}`

/** Authenticates and writes; see OwnDisk.writeStandby. */
export async function writeRelease(request: WriteStandby, own: OwnChange, job: JobSettings): Promise<WrittenRelease> {
  const { signal } = request
  const slot = otherSlot(own.found.seen.running)
  const now = job.clock.now()
  const trusted = await readTrustedKeys(job.paths)
  const progress = authenticating(request)
  await using release = await job.openFrom(request.from, trusted, { now, signal, onProgress: progress })
  checkPromise(request, release)
  const facts = await checkSystem(release, job.codec)
  const asked = { kind: 'flash', slot, changedOnly: true, allowOlder: request.allowOlder } as const
  const machine = { hardware: await productName(job.paths), ...(job.product === null ? {} : { product: job.product }) }
  const seen = await observeAgain(own)
  const { says } = await whatRuns(job.paths)
  // Downgrade rules go by what runs, also when the record is lost or another's.
  const known = { ...seen, boot: seen.boot && withTruth(seen.boot, own.found.seen.running, says) }
  const wish = { ...asked, at: now.toISOString(), by: by() }
  const plan = orThrow(planFlash(wish, known, facts, release.manifest, machine))
  // What comes over the network is checked block by block as it is written; a file is read twice instead of half written.
  if (release.kind === 'bundle' && !isUrl(request.from))
    await checkImages([release.image('system')], job.codec, { signal, onProgress: progress })
  throwIfAborted(signal)
  await run(plan, own, job, { signal, emit: (event) => request.emit(event) }, imagesOf(release))
  return { slot, version: release.facts.version, digest: release.facts.digest }
}

/**
 * Re-reads a written slot against its recorded digest and looks for its kernel; `arm` then makes it the wanted one,
 * counted.
 */
export async function checkSlotBeforeUse(
  slot: Slot,
  then: 'check' | 'arm',
  own: OwnChange,
  job: JobSettings,
): Promise<void> {
  const asked = { kind: 'slot', action: 'default', slot, force: null } as const
  const quiet = { signal: new AbortController().signal, emit: () => {} }
  const seen = await observeAgain(own)
  if (then === 'arm') {
    const plan = orThrow(planSlot({ ...asked, at: job.clock.now().toISOString(), by: by() }, seen))
    await run(plan, own, job, quiet, null)
    return
  }
  const record = seen.boot?.records[slot]
  if (record?.state !== 'written') return
  const { size, sha256 } = record.content
  const at = own.found.seen.slots[slot]
  const tools = { device: own.device, checkSlotContent, createDigest, ...quiet, progress: () => {} }
  await checkSlot({ type: 'check-slot', slot, at, size, sha256 }, tools)
}

/** The disk as it is now, through the guarded device: what planning rests on. */
async function observeAgain({ found, device }: OwnChange): Promise<DiskObservation> {
  const identity = await device.identity()
  const seen = await observeDisk(device, { ...found.seen.disk, identity })
  return { ...seen, running: found.seen.running }
}

/** @throws EngineError `own.version-differs`, `release.checksum-mismatch` */
function checkPromise({ version, sha256 }: WriteStandby, { kind, path, facts }: AuthenticatedRelease): void {
  if (version !== null && facts.version !== null && facts.version !== version)
    throw failure('own.version-differs', { expected: version, found: facts.version })
  if (kind === 'triple' && sha256 !== null && sha256.toLowerCase() !== facts.digest)
    throw failure('release.checksum-mismatch', { name: basename(path), expected: sha256, found: facts.digest })
}

/** No ISO, no archive, no image without a kernel reaches a slot. @throws EngineError `image.*` */
async function checkSystem(release: AuthenticatedRelease, codec: BlockCodec): Promise<ReleaseFacts> {
  const { findings, facts } = await inspectSystemImage(release, codec)
  if (findings.length > 0) throw failure(findings[0].code, findings[0].details)
  return facts
}

/** DMI product name; empty where the firmware tells none, which fits no release that names machines. */
async function productName({ sys }: DevicePaths): Promise<string> {
  try {
    return (await readBoundedText(join(sys, 'class/dmi/id/product_name'))).trim()
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw failure('own.disk-unknown', { reason: 'DMI cannot be read' }, error)
    return ''
  }
}

/** Shows the long pass over a triple's image, or the check of a bundle's blocks. */
function authenticating({ emit }: WriteStandby): (doneBytes: number, totalBytes: number) => void {
  return (doneBytes, totalBytes) => emit({ type: 'progress', step: 0, phase: 'authenticate', doneBytes, totalBytes })
}

const imagesOf = (release: AuthenticatedRelease): ReleaseImages => ({
  image: (role) => (release.roles.includes(role) ? release.image(role) : null),
})

interface Watch {
  readonly signal: AbortSignal
  emit(event: JobEvent): void
}

/** Runs a plan; the cause of a failure is thrown as it is. */
async function run(
  plan: Plan,
  { device }: OwnChange,
  { paths, clock, codec }: JobSettings,
  { signal, emit }: Watch,
  release: ReleaseImages | null,
): Promise<void> {
  const folder = join(paths.state, 'update', 'journal')
  await forgetOthers(folder, jobKey(plan.request, plan.disk, plan.release))
  try {
    await runPlan(plan, {
      device,
      release,
      boot: null,
      codec,
      pace: nodePace,
      journal: journalFiles(folder),
      clock,
      signal,
      emit,
      makeFilesystem: () => Promise.reject(new Error('an appliance makes no file systems')),
      checkSlotContent,
      createDigest,
    })
  } catch (thrown) {
    const error = firstError(thrown)
    throw error instanceof JobFailed ? error.cause : error
  }
}

/** One job is under way at a time: journals of earlier ones would only fill the disk. */
async function forgetOthers(folder: string, key: string): Promise<void> {
  try {
    for (const name of await readdir(folder)) if (name !== `${key}.jsonl`) await rm(join(folder, name), { force: true })
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT')
      throw failure('job.journal-unusable', { file: folder, reason: errnoOf(error) }, error)
  }
}
