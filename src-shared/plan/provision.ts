// Pure planner: a blank (or old) disk and an authenticated release -> the steps that make it an appliance disk.
// Order of the steps: old tables gone first, then marks that tell whether the disk is as large as it claims, contents next, then
// the marks once more, the partition table last, so that a half-provisioned disk, or one that loses what it had, never looks
// finished.
import { MIB } from '#base/bytes.ts'
import { type Finding, finding } from '#base/errors.ts'
import { seededGuid } from '#base/guid.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { canonicalJson } from '#format/canonical-json.ts'
import { configHome, stateFolder } from '#model/config-home.ts'
import { roomInNew } from '#model/config-path.ts'
import type { DiskIdentity, DiskInfo } from '#model/disk.ts'
import type { PlacedPartition } from '#model/layout.ts'
import { checkConfigHome } from '#model/layout-rules.ts'
import type { Manifest } from '#model/manifest.ts'
import type { DiskObservation, Extent } from '#model/observation.ts'
import type { Plan, ProvisionRequest, ReleaseFacts, Step } from '#model/plan.ts'
import { signaturePlaces } from '#model/signature-places.ts'
import type { Slot, SlotOverride } from '#model/slot.ts'
import { checkReleaseRules, claimsOf } from '#trust/release-rules.ts'
import { checkImageFits, checkRoom, counterOn, otherProducts, overrideFor, targetOf } from './common.ts'
import { checkImageFor, checkWanted } from './image-fits.ts'
import { resolveLayout } from './layout.ts'
import { offerDisk } from './offer.ts'
import { sealPlan } from './plan-id.ts'
import { contentTexts } from './plan-text.ts'

/** Two units with the same GUIDs would be taken for each other when they start (docs/adr/0034), whatever the request says. */
const seedOfUnit = (seed: string, { serial, wwn, size, busPath }: DiskIdentity): string =>
  canonicalJson({ seed, serial, wwn, size, busPath })

/** `plan.seed-nameless`: a seed of somebody's choice tells units apart by what they are called, not by their port alone. */
export const checkSeed = ({ path, bus, identity: { serial, wwn } }: DiskInfo): Finding[] =>
  serial === null && wwn === null && bus !== 'file' && bus !== 'loop' ? [finding('plan.seed-nameless', { path })] : []

/**
 * Plans a whole disk; `unfinished` is what an interrupted run of the same job was allowed. Refusals: everything of offerDisk and resolveLayout, `plan.no-system-image`,
 * `plan.no-boot-files`, `plan.boot-product`, `plan.image-too-large`, those of checkConfigHome, `image.layout-mismatch`,
 * `release.other-product` (the disk held another one, and no reason was given), and the rules of
 * checkReleaseRules for the manifest of each bundle that is used (`release.expired`, `release.older-counter`, ...).
 */
export function planProvision(
  request: ProvisionRequest,
  seen: DiskObservation,
  release: ReleaseFacts,
  boot: ReleaseFacts | null,
  manifests: readonly Manifest[],
  unfinished: SlotOverride | null = null,
): Result<Plan> {
  const refusals: Finding[] = [...offerDisk(seen.disk, null).reasons]
  const seed = seedOfUnit(request.seed, seen.disk.identity)
  const resolved = resolveLayout(
    request.layout,
    { size: seen.disk.identity.size, sectorSize: seen.disk.sectorSize },
    seed,
  )
  if (!resolved.ok) return refuse(...refusals, ...resolved.refusals)
  const { placed, table } = resolved.value
  const carrier = boot ?? release
  if (!release.system) refusals.push(finding('plan.no-system-image', { release: release.digest.slice(0, 16) }))
  if (!carrier.esp) refusals.push(finding('plan.no-boot-files', { release: carrier.digest.slice(0, 16) }))
  if (boot && boot.product !== null && release.product !== null && boot.product !== release.product)
    refusals.push(finding('plan.boot-product', { system: release.product, boot: boot.product }))
  for (const slot of request.slots) refusals.push(...checkImageFits(slot, slotOf(placed, slot), release))
  const installed = (product: string | null) => ({ product: null, version: null, counter: counterOn(seen, product) })
  for (const claims of [...manifests, ...(release.kind === 'triple' ? [claimsOf(release)] : [])]) {
    const { at, allowOlder } = request
    const situation = { now: new Date(at), installed: installed(claims.product), allowOlder }
    refusals.push(...checkReleaseRules(claims, situation), ...checkWanted(claims, request.layout))
  }
  refusals.push(...checkImageFor(release, request.layout))
  const others = otherProducts(seen, release.product)
  if (request.allowOlder === null)
    refusals.push(...others.map(({ found, wanted: expected }) => finding('release.other-product', { expected, found })))
  const home = configHome(placed)
  if (request.config) {
    refusals.push(...checkConfigHome(request.layout))
    if (home) refusals.push(...checkRoom(request.config, home.partition.name, roomInHome(home.partition)))
  }
  if (refusals.length > 0 || !release.system || !carrier.esp) return refuse(...refusals)

  const { slots, allowOlder } = request
  const now = overrideFor(installed(release.product), release, allowOlder, slots[0], request, others)
  const override = now ?? unfinished
  const steps: Step[] = [wipeStep(seen, placed), { type: 'probe-disk' }]
  for (const slot of request.slots)
    steps.push({
      type: 'write-image',
      slot,
      at: slotOf(placed, slot),
      size: release.system.size,
      sha256: release.system.sha256,
      changedOnly: false,
    })
  for (const partition of placed) {
    if (partition.filesystem !== 'ext4' && partition.filesystem !== 'xfs') continue
    const isHome = partition === home?.partition
    const into = isHome ? home.directory : ''
    const state = partition.role === 'data' && partition.filesystem === 'ext4' ? stateFolder(placed) : null
    steps.push({
      type: 'make-filesystem',
      partition,
      uuid: seededGuid(seed, `filesystem ${partition.number}`).toLowerCase(),
      into,
      directories: [into, state ?? ''].filter((folder) => folder !== ''),
      files: isHome ? (request.config ?? []) : [],
    })
  }
  steps.push({
    type: 'write-esp',
    partition: placed.find((partition) => partition.role === 'esp')!,
    volumeId: Number.parseInt(seededGuid(seed, 'esp volume id').slice(0, 8), 16),
    slots: request.slots,
    defaultSlot: request.slots[0],
    espSha256: carrier.esp.sha256,
    override,
  })
  steps.push(checkStep(seen, placed), { type: 'write-table', table })
  return ok(
    sealPlan({
      request,
      disk: targetOf(seen),
      release,
      boot,
      erased: [
        ...others.map(({ found, wanted }) => ({ kind: 'other-product', found, wanted }) as const),
        ...contentTexts(seen),
      ],
      kept: [],
      steps,
    }),
  )
}

/** LUKS keeps its header in front of the file system. */
const roomInHome = ({ size, encryption }: PlacedPartition) =>
  roomInNew(encryption === undefined ? size : size - 16 * MIB)

function slotOf(placed: readonly PlacedPartition[], slot: Slot): Extent {
  const role = slot === 'A' ? 'slot-a' : 'slot-b'
  const { offset, size } = placed.find((partition) => partition.role === role)!
  return { offset, length: size }
}

/** Tables: first and last MiB of the disk. Signatures: wherever tools look, of the disk and of each old and new partition. */
function wipeStep(seen: DiskObservation, placed: readonly PlacedPartition[]): Step {
  const size = seen.disk.identity.size
  const tables = [
    { offset: size - MIB, length: MIB },
    { offset: 0, length: MIB },
  ]
  const { primary, backup } = seen.tableSides
  const old = [seen.table, primary?.table, backup?.table]
    .flatMap((table) => table?.entries ?? [])
    .map((entry) => ({
      offset: entry.firstLba * seen.disk.sectorSize,
      length: (entry.lastLba - entry.firstLba + 1) * seen.disk.sectorSize,
    }))
  const areas = [{ offset: 0, length: size }, ...old, ...placed.map(({ offset, size: length }) => ({ offset, length }))]
  const places = areas.flatMap(signaturePlaces)
  const inside = places.filter(({ offset, length }) => offset >= 0 && length > 0 && offset + length <= size)
  return { type: 'wipe', tables, signatures: mergeExtents(inside) }
}

/** The free space at both ends is where the table goes. */
function checkStep({ disk }: DiskObservation, placed: readonly PlacedPartition[]): Step {
  const { size } = disk.identity
  const free = Math.max(size - MIB, ...placed.map((partition) => partition.offset + partition.size))
  const blank = [
    { offset: 0, length: MIB },
    { offset: free, length: size - free },
  ]
  return { type: 'check-disk', blank, marksStay: disk.bus !== 'file' }
}

/** Sorted, overlapping and touching ones joined. */
export function mergeExtents(extents: readonly Extent[]): Extent[] {
  const merged: Extent[] = []
  for (const extent of [...extents].sort((a, b) => a.offset - b.offset)) {
    const last = merged.at(-1)
    if (last && extent.offset <= last.offset + last.length)
      merged[merged.length - 1] = {
        offset: last.offset,
        length: Math.max(last.length, extent.offset + extent.length - last.offset),
      }
    else merged.push(extent)
  }
  return merged
}
