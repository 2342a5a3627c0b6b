// Pure planner: a disk with a place for /config and the files of a folder -> the steps that replace /config by them. Its own
// partition is made anew; inside a data partition only those files change (docs/adr/0022-repairs.md).
import { type Finding, finding } from '#base/errors.ts'
import { seededGuid } from '#base/guid.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { configHomeByName } from '#model/config-home.ts'
import { roomInNew } from '#model/config-path.ts'
import type { DiskObservation, Extent } from '#model/observation.ts'
import type { PartitionEntry } from '#model/partition-table.ts'
import type { Plan, RestoreRequest, Step } from '#model/plan.ts'
import { checkRoom, printable, targetOf } from './common.ts'
import { offerDisk } from './offer.ts'
import { sealPlan } from './plan-id.ts'

/** The partition that holds /config. */
export interface ConfigPlace {
  readonly entry: PartitionEntry
  readonly at: Extent
  /** `` when the partition is /config itself, else the directory inside it. */
  readonly directory: '' | 'config'
  readonly holds: 'ext4' | 'encrypted' | 'other'
  /** Of an ext4 file system. */
  readonly uuid: string | null
  readonly label: string | null
  /** What an ext4 file system has room for. */
  readonly free: { readonly bytes: number; readonly entries: number } | null
}

/** The partition where /config is, by the names that the layouts give; what it holds must be read. */
export function configPartition(seen: DiskObservation): Pick<ConfigPlace, 'entry' | 'at' | 'directory'> | null {
  const { table } = seen
  const home = table && configHomeByName(table.entries)
  if (!home) return null
  const { partition: entry, directory } = home
  const length = (entry.lastLba - entry.firstLba + 1) * table.sectorSize
  return { entry, at: { offset: entry.firstLba * table.sectorSize, length }, directory }
}

/** Why /config of this disk cannot be read; null when it can. */
export function whyUnread(seen: DiskObservation, place: ConfigPlace | null): Finding | null {
  const unfit = whyNoConfig(seen, place)
  if (unfit || place?.holds === 'ext4') return unfit
  return finding('restore.no-place', { disk: seen.disk.path, found: 'another file system' })
}

/** Why /config of this disk cannot be replaced; null when it can. */
export function whyNoConfig(seen: DiskObservation, place: ConfigPlace | null): Finding | null {
  if (place?.holds === 'encrypted') return finding('restore.encrypted', { name: printable(place.entry.name) })
  // A partition of its own is made anew, whatever it holds.
  if (place && (place.holds === 'ext4' || place.directory === '')) return null
  const found = place ? 'another file system' : seen.table ? 'no such partition' : 'no partition table'
  return finding('restore.no-place', { disk: seen.disk.path, found })
}

/** A partition that is made anew has all of its room, a folder the free room and its own. */
function roomOf({ at, directory, free }: ConfigPlace, there: readonly { path: string; size: number }[]) {
  if (directory === '' || free === null) return roomInNew(at.length)
  const own = there.reduce((sum, { size }) => sum + size, 0)
  return { bytes: free.bytes + own, entries: free.entries + there.length }
}

/**
 * Refusals: everything of offerDisk, `restore.no-place`, `restore.encrypted`, `restore.nothing`, `config.no-room`.
 * `there`: what the folder holds now.
 */
export function planRestore(
  request: RestoreRequest,
  seen: DiskObservation,
  place: ConfigPlace | null,
  from: string,
  there: readonly { readonly path: string; readonly size: number }[] = [],
): Result<Plan> {
  const refusals: Finding[] = [...offerDisk(seen.disk, null).reasons]
  const unfit = whyNoConfig(seen, place)
  if (unfit) refusals.push(unfit)
  if (request.files.length === 0) refusals.push(finding('restore.nothing', { from }))
  if (place) refusals.push(...checkRoom(request.files, printable(place.entry.name), roomOf(place, there)))
  if (refusals.length > 0 || !place) return refuse(...refusals)
  const { at, directory, entry } = place
  const steps: Step[] = []
  if (place.holds === 'ext4') steps.push({ type: 'keep-config', at, directory })
  steps.push(
    directory === '' ? makeAnew(place, request) : { type: 'replace-files', at, directory, files: request.files },
  )
  const part = { number: entry.number, name: printable(entry.name) }
  return ok(
    sealPlan({
      request,
      disk: targetOf(seen),
      release: null,
      boot: null,
      erased: [{ kind: directory === '' ? 'config-partition' : 'config-files', ...part }],
      kept: [{ kind: 'slots-and-boot' }, { kind: directory === '' ? 'other-partitions' : 'other-data' }],
      steps,
    }),
  )
}

/** The same identity, so that whatever mounts it by UUID or label finds it. */
function makeAnew({ entry, at, uuid, label }: ConfigPlace, { files }: RestoreRequest): Step {
  return {
    type: 'make-filesystem',
    partition: {
      role: 'config',
      name: entry.name,
      number: entry.number,
      offset: at.offset,
      size: at.length,
      typeGuid: entry.typeGuid,
      uniqueGuid: entry.uniqueGuid,
      filesystem: 'ext4',
      label: label ?? entry.name,
    },
    uuid: uuid ?? seededGuid(entry.uniqueGuid, 'filesystem').toLowerCase(),
    into: '',
    directories: [],
    files,
  }
}
