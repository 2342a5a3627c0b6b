// Builders of model values for tests: sensible defaults, every field can be overridden.
import { factoryState } from '#model/boot-state.ts'
import type { DiskInfo } from '#model/disk.ts'
import { DEFAULT_LAYOUT } from '#model/layouts.ts'
import type { Manifest } from '#model/manifest.ts'
import type { DiskObservation } from '#model/observation.ts'
import type { FlashRequest, ProvisionRequest, ReleaseFacts, SlotRequest } from '#model/plan.ts'
import type { SlotContent, SlotRecords } from '#model/slot.ts'
import { resolveLayout } from '#plan/layout.ts'
import { laterOf, nextOf } from './boot-simulator.ts'
import { sampleManifest } from './sample-manifest.ts'

export const AT = '2026-01-02T03:04:05Z'
export const BY = 'tech@bench'
export const SIGNER = 'AB'.repeat(20)

export const buildDisk = (change: Partial<DiskInfo> = {}): DiskInfo => ({
  path: '/dev/sdb',
  identity: { serial: 'S3Z8NB0K4F2A91', wwn: null, size: 16_000_000_000, busPath: 'pci-0000:00:14.0-usb-0:1:1.0' },
  bus: 'usb',
  vendor: null,
  model: 'Portable SSD',
  sectorSize: 512,
  removable: false,
  readOnly: false,
  system: false,
  mounts: [],
  holders: [],
  ...change,
})

export const buildRelease = (change: Partial<ReleaseFacts> = {}): ReleaseFacts => ({
  kind: 'bundle',
  digest: '11'.repeat(32),
  product: 'demo',
  version: '1.0.0',
  counter: 1,
  signer: SIGNER,
  system: { size: 60_000_000, sha256: '22'.repeat(32) },
  esp: { size: 67_108_864, sha256: '33'.repeat(32) },
  ...change,
})

export const buildContent = (change: Partial<SlotContent> = {}): SlotContent => ({
  product: 'demo',
  version: '1.0.0',
  counter: 1,
  size: 60_000_000,
  sha256: '22'.repeat(32),
  signer: SIGNER,
  writtenAt: AT,
  writtenBy: BY,
  ...change,
})

export const buildRecords = (change: Partial<SlotRecords> = {}): SlotRecords => ({
  A: { state: 'written', content: buildContent() },
  B: { state: 'empty' },
  override: null,
  fallback: null,
  ...change,
})

export const blankDisk = (change: Partial<DiskInfo> = {}): DiskObservation => ({
  disk: buildDisk(change),
  content: 'blank',
  table: null,
  tableFrom: null,
  tableSides: { primary: null, backup: null },
  tableFindings: [],
  esp: null,
  slots: null,
  boot: null,
})

/** A disk that was provisioned with layout hp-t640: slot A written and good, slot B empty, unless changed. */
export function abDisk(boot: Partial<NonNullable<DiskObservation['boot']>> = {}): DiskObservation {
  const disk = buildDisk()
  const resolved = resolveLayout(DEFAULT_LAYOUT, { size: disk.identity.size, sectorSize: disk.sectorSize }, 'seed')
  if (!resolved.ok) throw new Error('the built-in layout does not fit the test disk')
  const side = { table: resolved.value.table, refusal: null }
  const [esp, a, b] = resolved.value.placed.map(({ offset, size }) => ({ offset, length: size }))
  const { state = factoryState('A'), records = buildRecords() } = boot
  return {
    disk,
    content: 'gpt',
    table: resolved.value.table,
    tableFrom: 'primary',
    tableSides: { primary: side, backup: side },
    tableFindings: [],
    esp,
    slots: { A: a, B: b },
    boot: { state, records, next: nextOf(state, records), later: laterOf(state, records), findings: [], ...boot },
  }
}

export const provisionRequest = (change: Partial<ProvisionRequest> = {}): ProvisionRequest => ({
  kind: 'provision',
  at: AT,
  by: BY,
  layout: DEFAULT_LAYOUT,
  slots: ['A'],
  seed: 'seed',
  config: null,
  allowOlder: null,
  ...change,
})

export const flashRequest = (change: Partial<FlashRequest> = {}): FlashRequest => ({
  kind: 'flash',
  at: AT,
  by: BY,
  slot: 'B',
  changedOnly: false,
  allowOlder: null,
  ...change,
})

export const slotRequest = (change: Partial<SlotRequest> = {}): SlotRequest => ({
  kind: 'slot',
  at: AT,
  by: BY,
  action: 'default',
  slot: 'B',
  force: null,
  ...change,
})

/** The manifest that facts such as buildRelease's come from. */
export const manifestOf = (release: ReleaseFacts, change: Partial<Manifest> = {}): Manifest =>
  sampleManifest({
    product: release.product ?? 'demo',
    version: release.version ?? '1.0.0',
    counter: release.counter ?? 0,
    created: '2026-01-01T00:00:00Z',
    expires: null,
    minimumVersion: null,
    ...change,
  })
