// From what somebody asked for to a job that can be planned and applied: opens and authenticates the releases, checks
// them whole where a disk would lose something, and holds them open while the job lasts. The command line and the runner come through here alike.
import { randomBytes } from 'node:crypto'
import type { Finding } from '#base/errors.ts'
import { refuse } from '#base/result.ts'
import type { RunnerJob } from '#contract/runner.ts'
import { checkUp, digestsOnEsp } from '#engine/checkup.ts'
import type { BlockCodec } from '#engine/copy/ports.ts'
import { sharedReading } from '#engine/copy/shared-reading.ts'
import { unfinishedOverride, unfinishedSeed } from '#engine/run-plan.ts'
import { bootFilesOf } from '#engine/steps/repair-boot.ts'
import type { Layout } from '#model/layout.ts'
import type { ImageRole } from '#model/manifest.ts'
import type { DiskObservation } from '#model/observation.ts'
import type { ProvisionRequest } from '#model/plan.ts'
import type { Slot } from '#model/slot.ts'
import { targetOf } from '#plan/common.ts'
import { planFlash } from '#plan/flash.ts'
import { jobKey } from '#plan/plan-id.ts'
import { checkSeed, planProvision } from '#plan/provision.ts'
import { planDoctor } from '#plan/repair-boot.ts'
import { planRepair } from '#plan/repair-table.ts'
import { planRestore } from '#plan/restore.ts'
import { planSlot } from '#plan/select-slot.ts'
import type { TrustedKeys } from '#trust/keyring.ts'
import { inlineCodec, nodePace, openBlockCodec } from '../codec/block-codec.ts'
import { readConfigFolder } from '../config/config-folder.ts'
import { configFilesOf } from '../config/config-on-disk.ts'
import { findConfigPlace } from '../config/config-place.ts'
import { NO_INPUTS } from '../config/filesystem-maker.ts'
import { listConfig } from '../config/read-config.ts'
import { type AuthenticatedRelease, openRelease } from '../release/open-release.ts'
import {
  checkBoot,
  checkEveryBlock,
  checkMeans,
  checkScratch,
  imagesOf,
  inspectSystemImage,
} from '../release/release-checks.ts'
import { withSlotProducts } from '../release/slot-products.ts'
import { journalFiles } from './journal-file.ts'
import { loadLayout } from './layout-file.ts'
import { type Job, systemClock } from './station.ts'

type JobOf<K extends RunnerJob['kind']> = Extract<RunnerJob, { kind: K }>

export interface JobHooks {
  readonly signal: AbortSignal
  /** Reads the trust list that the job names. */
  readTrust(path: string): Promise<TrustedKeys>
  /** Long work before planning. */
  progress(title: string, doneBytes: number, totalBytes: number): void
  /** A release was authenticated. */
  opened(release: AuthenticatedRelease): void
}

export interface StationJob extends AsyncDisposable {
  readonly job: Job
  readonly release: AuthenticatedRelease | null
}

/**
 * Opens everything a job needs; nothing of the target is touched.
 * @throws EngineError `release.*`, `trust.*`, `format.*`, `write.source-*`, `layout.*`, `config.*`, `job.cancelled`
 */
export async function openStationJob(wish: RunnerJob, hooks: JobHooks): Promise<StationJob> {
  await using stack = new AsyncDisposableStack()
  const opened = await openWish(wish, hooks, stack)
  const held = stack.move()
  return { ...opened, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

async function openWish(wish: RunnerJob, hooks: JobHooks, stack: AsyncDisposableStack) {
  switch (wish.kind) {
    case 'provision':
      return await openProvision(wish, hooks, stack)
    case 'flash':
      return await openFlash(wish, hooks, stack)
    case 'slot': {
      const { kind, at, by, slot, action, force } = wish
      return plain(wish, (seen) => planSlot({ kind, at, by, slot, action, force }, seen))
    }
    case 'repair':
      return await openRepair(wish, hooks, stack)
    case 'restore':
      return openRestore(wish, hooks)
  }
}

/** A job without a release. */
const plain = (wish: RunnerJob, plan: Job['plan']) => ({
  release: null,
  job: { path: wish.target, plan, release: null, boot: null, inputs: NO_INPUTS, codec: inlineCodec },
})

async function openTrusted(
  path: string,
  trusted: TrustedKeys,
  hooks: JobHooks,
  stack: AsyncDisposableStack,
): Promise<AuthenticatedRelease> {
  const release = await openRelease(path, trusted, {
    now: systemClock.now(),
    signal: hooks.signal,
    onProgress: (done, total) => hooks.progress(`Check the signature of ${path}`, done, total),
  })
  stack.use(release)
  hooks.opened(release)
  return release
}

const checkBlocks = (
  release: AuthenticatedRelease,
  roles: readonly ImageRole[],
  codec: BlockCodec,
  { signal, progress }: JobHooks,
) =>
  checkEveryBlock(release, roles, codec, {
    signal,
    onProgress: (done, total) => progress(`Check every block of ${release.path}`, done, total),
  })

/**
 * The check of every block, for whoever would lose something: done at the first call, and once for all units. Who loses nothing
 * (docs/adr/0013) needs none: each block is checked before it is written.
 */
function everyBlock(check: () => Promise<void>): (loses: boolean) => Promise<void> {
  let checked: Promise<void> | null = null
  return async (loses) => {
    if (!loses) return
    checked ??= check().catch((error: unknown) => {
      checked = null
      throw error
    })
    await checked
  }
}

/** What is in this slot could boot, or nobody knows. */
const holdsSomething = ({ boot }: DiskObservation, slot: Slot): boolean => {
  const state = boot?.records[slot].state
  return state !== 'empty' && state !== 'incomplete'
}

async function openRepair(wish: JobOf<'repair'>, hooks: JobHooks, stack: AsyncDisposableStack) {
  const { at, by, repair } = wish
  if (repair === 'partition-table') {
    const keep = wish.keep === undefined ? {} : { keep: wish.keep }
    return plain(wish, (seen) => planRepair({ kind: 'repair-table', at, by, ...keep }, seen))
  }
  const request = { kind: 'repair', repair, at, by } as const
  const codec = stack.use(openBlockCodec())
  const { release: path, trust } = wish
  const release =
    path !== null && trust !== null ? await openTrusted(path, await hooks.readTrust(trust), hooks, stack) : null
  const boot = repair === 'boot-loader' && release?.roles.includes('esp') === true ? release : null
  if (boot) await checkBlocks(boot, ['esp'], codec, hooks)
  const bootFiles = boot ? await bootFilesOf(boot.image('esp'), codec) : []
  const plan: Job['plan'] = async (seen, device) => {
    const facts = device ? await checkUp(device, seen) : null
    const paths = bootFiles.map((file) => file.path)
    const onDisk = device && seen.esp ? await digestsOnEsp(device, seen.esp, paths) : new Map<string, string>()
    return planDoctor(request, seen, facts, release && { facts: release.facts, bootFiles, onDisk })
  }
  const images = release && imagesOf(release)
  return { release, job: { path: wish.target, plan, release: images, boot: images, inputs: NO_INPUTS, codec } }
}

function openRestore(wish: JobOf<'restore'>, { signal }: JobHooks) {
  const { kind, at, by, target, config: folder, configModes, journal } = wish
  const plan: Job['plan'] = async (seen, device) => {
    const unfit = await checkScratch()
    if (unfit.length > 0) return refuse(...unfit)
    const files = await readConfigFolder(folder, configModes)
    const place = device ? await findConfigPlace(device, seen) : null
    const there = place?.holds === 'ext4' ? await listConfig(target, place, signal) : []
    return planRestore({ kind, at, by, files }, seen, place, folder, there)
  }
  const configFiles = configFilesOf({ disk: target, folder, keepIn: journal, signal })
  return {
    release: null,
    job: { ...plain(wish, plan).job, inputs: { configFolder: folder, luksKeyFile: null }, configFiles },
  }
}

async function openFlash(wish: JobOf<'flash'>, hooks: JobHooks, stack: AsyncDisposableStack) {
  const { release, jobFor } = await openFlashUnits(wish, hooks, stack)
  return { job: jobFor(wish), release }
}

async function openFlashUnits(wish: JobOf<'flash'>, hooks: JobHooks, stack: AsyncDisposableStack) {
  const { kind, slot, changedOnly, allowOlder } = wish
  const codec = stack.use(openBlockCodec())
  const release = await openTrusted(wish.release, await hooks.readTrust(wish.trust), hooks, stack)
  const checkBefore = everyBlock(() => checkBlocks(release, ['system'], codec, hooks))
  const { findings: unfit, facts } = await inspectSystemImage(release, codec)
  const jobFor = ({ target, at, by }: Unit): Job => ({
    path: target,
    plan: async (seen, device) => {
      if (unfit.length > 0) return refuse(...unfit)
      const request = { kind, slot, changedOnly, allowOlder, at, by }
      const planned = planFlash(request, await withSlotProducts(seen, device), facts, release.manifest)
      await checkBefore(planned.ok && holdsSomething(seen, slot))
      return planned
    },
    release: imagesOf(release),
    boot: null,
    inputs: NO_INPUTS,
    codec,
  })
  return { release, codec, jobFor }
}

async function openProvision(wish: JobOf<'provision'>, hooks: JobHooks, stack: AsyncDisposableStack) {
  const opened = await openOnLayout(wish, hooks, stack)
  if ('refused' in opened) return plain(wish, () => opened.refused)
  return { job: opened.jobFor(wish), release: opened.release }
}

/** What is a unit's own in the wish for a batch. */
type Unit = Pick<RunnerJob, 'target' | 'at' | 'by'>
type BatchWish = Omit<JobOf<'provision'>, 'target'>

export interface StationBatch extends AsyncDisposable {
  readonly release: AuthenticatedRelease
  /** The wish for one of the disks; all of them read the release together. */
  jobFor(target: string): Job
}

/**
 * Opens what provisioning several disks needs, once for all of them; nothing of a target is touched.
 * @throws EngineError what openStationJob throws; `layout` must be one that loads
 */
export async function openStationBatch(wish: BatchWish, layout: Layout, hooks: JobHooks): Promise<StationBatch> {
  await using stack = new AsyncDisposableStack()
  const { release, codec, jobFor } = await openUnits(wish, layout, hooks, stack)
  const shared = sharedBy(release, codec)
  const held = stack.move()
  return {
    release,
    jobFor: (target) => ({ ...jobFor({ ...wish, target }), ...shared }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

const sharedBy = (release: AuthenticatedRelease, codec: BlockCodec): Pick<Job, 'shared'> =>
  release.roles.includes('system')
    ? { shared: sharedReading({ source: release.image('system'), codec, pace: nodePace }) }
    : {}

export interface StationUnits extends AsyncDisposable {
  /** The wish for one of the units, which may come at any time; all of them read the release together. */
  jobFor(unit: Unit): Job
}

/** Wishes whose releases units share. */
export type SharedWish = JobOf<'provision' | 'flash'>

/**
 * Opens what a wish needs, once for all units that have it; nothing of a target is touched.
 * @throws EngineError what openStationJob throws
 */
export async function openStationUnits(wish: SharedWish, hooks: JobHooks): Promise<StationUnits> {
  await using stack = new AsyncDisposableStack()
  const opened =
    wish.kind === 'flash' ? await openFlashUnits(wish, hooks, stack) : await openOnLayout(wish, hooks, stack)
  if ('refused' in opened)
    return { jobFor: (unit) => plain({ ...wish, ...unit }, () => opened.refused).job, async [Symbol.asyncDispose]() {} }
  const { release, codec, jobFor } = opened
  const shared = sharedBy(release, codec)
  const held = stack.move()
  return { jobFor: (unit) => ({ ...jobFor(unit), ...shared }), [Symbol.asyncDispose]: () => held.disposeAsync() }
}

async function openOnLayout(wish: JobOf<'provision'>, hooks: JobHooks, stack: AsyncDisposableStack) {
  const found = await loadLayout(wish.layout)
  return found.ok ? await openUnits(wish, found.value, hooks, stack) : { refused: found }
}

/** What is the same for every disk: the releases, opened and checked once. */
async function openUnits(wish: BatchWish, layout: Layout, hooks: JobHooks, stack: AsyncDisposableStack) {
  const { kind, slots, allowOlder } = wish
  const codec = stack.use(openBlockCodec())
  const trusted = await hooks.readTrust(wish.trust)
  const release = await openTrusted(wish.release, trusted, hooks, stack)
  const boot = wish.boot === null ? null : await openTrusted(wish.boot, trusted, hooks, stack)
  const checkBefore = everyBlock(async () => {
    await checkBlocks(release, boot ? ['system'] : ['system', 'esp'], codec, hooks)
    if (boot) await checkBlocks(boot, ['esp'], codec, hooks)
  })
  const { findings, facts } = await inspectSystemImage(release, codec)
  const unfit: readonly Finding[] = [
    ...findings,
    ...(await checkBoot(boot ?? release, codec, layout)),
    ...(await checkMeans(layout, wish.luksKey)),
  ]
  const manifests = [release.manifest, boot?.manifest ?? null].filter((manifest) => manifest !== null)
  const journal = journalFiles(wish.journal)
  /** The plan of one disk, which keeps its seed. */
  function planner({ at, by }: Unit): Job['plan'] {
    const request: ProvisionRequest = { kind, layout, slots, seed: wish.seed ?? '', config: null, allowOlder, at, by }
    let seed = wish.seed
    return async (seen, device) => {
      if (unfit.length > 0) return refuse(...unfit)
      const nameless = wish.seed === null ? [] : checkSeed(seen.disk)
      if (nameless.length > 0) return refuse(...nameless)
      // Read anew each time: a folder that changed since it was confirmed makes another plan.
      const config = wish.config === null ? null : await readConfigFolder(wish.config, wish.configModes)
      const now = { ...request, config }
      // An interrupted job goes on with the identifiers it began with.
      const begun = await journal.read(jobKey(now, targetOf(seen), facts))
      seed ??= unfinishedSeed(begun)
      seed ??= randomBytes(16).toString('hex')
      const held = await withSlotProducts(seen, device)
      const again = unfinishedOverride(begun)
      const planned = planProvision({ ...now, seed }, held, facts, boot?.facts ?? null, manifests, again)
      await checkBefore(planned.ok && seen.content !== 'blank' && unfinishedSeed(begun) === null)
      return planned
    }
  }
  const jobFor = (unit: Unit): Job => ({
    path: unit.target,
    plan: planner(unit),
    release: imagesOf(release),
    boot: imagesOf(boot ?? release),
    inputs: { configFolder: wish.config, luksKeyFile: wish.luksKey },
    codec,
  })
  return { release, codec, jobFor }
}
