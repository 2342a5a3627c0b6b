// The appliance's own disk (OwnDisk of ports.ts): the same planners, engine and codecs as at the bench, through a guard
// that lets only the standby slot and the ESP be written. Every change is read back from the medium, or it throws.
import { type EngineError, type Finding, isEngineError } from '#base/errors.ts'
import { applyTransition, changeRecords } from '#engine/boot-files.ts'
import type { BlockCodec } from '#engine/copy/ports.ts'
import { guardDevice } from '#engine/guard.ts'
import { openEsp } from '#engine/observe.ts'
import type { Clock } from '#engine/ports.ts'
import {
  cameUp,
  confirm,
  ESP_PATH,
  goBack,
  mayRun,
  settleFallback,
  stay,
  trialBoot,
  verdictOf,
} from '#model/boot-state.ts'
import type { Fallback, TrialNote } from '#model/health.ts'
import type { BootObservation, Extent } from '#model/observation.ts'
import { otherSlot, type Slot, type SlotRecords, trialNoteOf } from '#model/slot.ts'
import type { UpdateRecord } from '#model/update.ts'
import { inlineCodec } from '#node/codec/block-codec.ts'
import { notAbDisk } from '#plan/flash.ts'
import type { DevicePaths, OwnDisk, OwnDiskView } from '../ports.ts'
import { type Mounter, makeReadOnly, mountsOf, refreshMounts, staleFiles, systemMounter } from './esp-mount.ts'
import { failure } from './failure.ts'
import { type FoundDisk, findOwnDisk, type OpenDevice, type OwnChange } from './find.ts'
import { lockDisk } from './lock.ts'
import { openBelow } from './open-device.ts'
import { checkSlotBeforeUse, type FetcherOf, type OpenFrom, openFromAnywhere, writeRelease } from './release-job.ts'
import { runsAnother, whatRuns } from './what-runs.ts'

export interface OwnDiskOptions {
  readonly paths: DevicePaths
  readonly clock: Clock
  /** Product that releases must be for; null: whatever the installed one is. */
  readonly product?: string | null
  /** How URLs are fetched; without it only files can be installed. */
  readonly fetcher?: FetcherOf
  /** Replaces the opening of releases altogether. */
  readonly openFrom?: OpenFrom
  readonly codec?: BlockCodec
  /** Tests open files instead of kernel devices. */
  readonly open?: OpenDevice
  readonly mounter?: Mounter
  /** How long to wait for another program that is changing the boot files (default 10 s). */
  readonly patienceMs?: number
}

/** Opens nothing yet: each call finds the disk anew. */
export function openOwnDisk(options: OwnDiskOptions): OwnDisk {
  const { paths, clock, mounter = systemMounter, patienceMs = 10_000 } = options
  const open = options.open ?? openBelow(paths)
  const job = {
    paths,
    clock,
    product: options.product ?? null,
    codec: options.codec ?? inlineCodec,
    openFrom: options.openFrom ?? openFromAnywhere(options.fetcher ?? null),
  }
  let remarks: readonly Finding[] = []

  /** Finds the disk again under the lock, keeps Linux from writing the ESP, and mounts it anew afterwards. */
  async function change<T>(
    writable: (found: FoundDisk) => readonly Extent[],
    work: (own: OwnChange) => Promise<T>,
  ): Promise<T> {
    const { seen } = await findOwnDisk(paths, open)
    await using _lock = await lockDisk(seen.disk, patienceMs)
    const found = await findOwnDisk(paths, open)
    const boot = bootOf(found)
    if (found.doubt !== null) throw failure('own.slot-unclear', { reason: found.doubt })
    await makeReadOnly(paths, found.espDevice, mounter)
    try {
      await using raw = await open(found.path, false)
      const device = guardDevice(raw, writable(found))
      const volume = await openEsp(device, found.seen.esp)
      if ('code' in volume) throw failure(volume.code, volume.details)
      return await work({ found, device, volume, boot })
    } finally {
      remarks = await refreshMounts(paths, found.espDevice, mounter)
    }
  }
  const onEsp = ({ seen }: FoundDisk): readonly Extent[] => [seen.esp]

  return {
    async look(): Promise<OwnDiskView> {
      const found = await findOwnDisk(paths, open)
      const { seen, foundBy, doubt, espDevice } = found
      const { state, records, next, later, findings } = bootOf(found)
      const { says, finding: silent } = await whatRuns(paths)
      const other = [...(silent ? [silent] : []), ...runsAnother(seen.running, records[seen.running], says)]
      const unclear = doubt === null ? [] : [failure('own.slot-unclear', { reason: doubt })]
      const shown = mountsOf(paths, espDevice).length > 0 ? await mediumFiles(found, open) : new Map()
      const stale = staleFiles(paths, espDevice, shown)
      return {
        running: seen.running,
        foundBy,
        disk: seen.disk.path,
        state,
        records,
        runs: says?.version ?? null,
        next,
        later,
        findings: [...seen.tableFindings, ...findings, ...other, ...unclear.map(asFinding), ...stale, ...remarks],
        trialBoot: trialBoot(state, seen.running),
      }
    },

    writeStandby: (request) =>
      change(
        ({ seen }) => [seen.esp, seen.slots[otherSlot(seen.running)]],
        (own) => writeRelease(request, own, job),
      ),

    armTrial: (slot, update) =>
      change(onEsp, async (own) => {
        const note = update && noteOf(slot, own.boot.records, update)
        if (note) await changeRecords(own.volume, own.device, (before) => ({ ...before, trial: note }))
        await checkSlotBeforeUse(slot, 'arm', own, job)
      }),

    noteGateFailure: (error) =>
      change(onEsp, async ({ found, volume, device }) => {
        await changeRecords(volume, device, (before) => {
          const note = trialNoteOf(before, found.seen.running) ?? noteOf(found.seen.running, before, null)
          return note ? { ...before, trial: { ...note, gated: note.gated + 1, error } } : before
        })
      }),

    confirm: (slot) =>
      change(onEsp, async ({ found: { seen }, volume }) => {
        if (slot !== seen.running) throw failure('own.not-running', { slot, running: seen.running })
        await applyTransition(volume, (state) => confirm(state, slot))
      }),

    clearStarts: () =>
      change(onEsp, async ({ volume }) => {
        await applyTransition(volume, cameUp)
      }),

    goBack: (fallback: Fallback | null) =>
      change(onEsp, async (own): Promise<Slot> => {
        const { found, volume, device, boot } = own
        const target = otherSlot(found.seen.running)
        const { state, records } = boot
        const verdict = verdictOf(target, records, state).verdict
        if (!mayRun(target, records, state)) throw failure('own.no-way-back', { slot: target, verdict })
        const failed = fallback !== null && fallback.reason !== 'operator'
        // A system that fails leaves at once: the boot loader itself falls back when the other slot is damaged.
        if (!failed && records[target].state === 'written') await checkSlotBeforeUse(target, 'check', own, job)
        if (fallback) await changeRecords(volume, device, (before) => ({ ...before, fallback }))
        await applyTransition(volume, (before) => goBack(before, found.seen.running, failed))
        return target
      }),

    stay: () =>
      change(onEsp, async ({ found, volume }) => {
        await applyTransition(volume, (state) => stay(state, found.seen.running))
      }),

    settleFallback: (fallback) =>
      change(onEsp, async ({ found, volume, device }) => {
        await changeRecords(volume, device, (before) => ({ ...before, fallback }))
        await applyTransition(volume, (state) => settleFallback(state, found.seen.running))
      }),
  }
}

function noteOf(slot: Slot, records: SlotRecords, update: UpdateRecord | null): TrialNote | null {
  const record = records[slot]
  if (record.state !== 'written') return null
  const { sha256, writtenAt } = record.content
  const { origin = 'local', rolloutId = null, orderId = null } = update?.offer ?? {}
  const updateId = update?.update_id ?? null
  return { slot, sha256, writtenAt, updateId, origin, rolloutId, orderId, gated: 0, error: null }
}

function bootOf({ seen }: FoundDisk): BootObservation {
  if (seen.boot) return seen.boot
  const why = notAbDisk(seen)
  throw failure(why.code, why.details)
}

const asFinding = ({ code, details }: EngineError): Finding => ({ code, details })

/** What the boot loader reads, from the medium. */
async function mediumFiles({ path, seen }: FoundDisk, open: OpenDevice): Promise<Map<string, Uint8Array>> {
  await using device = await open(path, true)
  const volume = await openEsp(device, seen.esp)
  const files = new Map<string, Uint8Array>()
  if ('code' in volume) return files
  for (const name of [ESP_PATH.ab_state, ESP_PATH.grubenv]) {
    try {
      if ((await volume.stat(name))?.kind === 'file') files.set(name, await volume.read(name, { maxBytes: 65536 }))
    } catch (error) {
      // Damaged there: the findings of the boot files tell.
      if (!isEngineError(error)) throw error
    }
  }
  return files
}
