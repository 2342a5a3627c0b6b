// A station to look at: appliances, a blank disk, twins, hidden disks, a running batch, a failure. For the preview and for
// tests of pure logic; `at` is the time it pretends to be.
import type { ErrorCode } from '#base/errors.ts'
import type {
  BatchView,
  HiddenDisk,
  ImageView,
  KeyView,
  PartitionView,
  Problem,
  SlotView,
  StationView,
  UnitJobView,
  UnitView,
} from '#contract/views.ts'

const MIB = 1024 * 1024
export const SIGNER = '7A11F00D3C5E9B24A1D0C6E88F2B4D9057ACE310'

/** Its code is one of the catalogue: a fixture that says what the product never says proves nothing. */
export const buildProblem = (change: Partial<Problem> & { readonly code?: ErrorCode } = {}): Problem => ({
  code: 'disk.in-use',
  message: 'Disk /dev/sdc is in use: partition 1 is mounted at /media/tech/STICK.',
  remedy: 'Eject it and try again.',
  details: { path: '/dev/sdc' },
  ...change,
})

const PARTS = [
  ['ESP', 'esp', 256 * MIB],
  ['SLOT-A', 'slot-a', 3584 * MIB],
  ['SLOT-B', 'slot-b', 3584 * MIB],
  ['CONFIG', 'config', 64 * MIB],
  ['DATA', 'data', 0],
] as const

/** The layout of an appliance on a disk of this size; the last partition takes what is left. */
export function buildPartitions(size: number, holds: Partial<Record<string, string>> = {}): PartitionView[] {
  let offset = MIB
  return PARTS.map(([name, role, wanted], index) => {
    const part = {
      number: index + 1,
      name,
      role,
      offset,
      size: wanted || size - offset - MIB,
      holds: holds[name] ?? '',
    }
    offset += part.size
    return part
  })
}

export const buildSlot = (change: Partial<SlotView> = {}): SlotView => ({
  slot: 'A',
  verdict: 'Good',
  triesLeft: null,
  once: false,
  product: 'hypernet',
  version: '2.4.1',
  signer: SIGNER,
  signerName: 'Osiris release 2026',
  sha256: '5f'.repeat(32),
  size: 1_260_000_000,
  writtenAt: '2026-10-02T09:12:00Z',
  writtenBy: 'tech@bench-2',
  checked: 'not-checked',
  checkedAt: null,
  ...change,
})

export const NOTHING_KNOWN = { lastJob: null, content: null, unfinished: null } as const

export function buildUnit(change: Partial<UnitView> = {}): UnitView {
  const serial = change.serial === undefined ? 'S3Z8NB0K4F2A91' : change.serial
  return {
    token: `token-${serial}-${change.port ?? ''}`,
    key: `key-${serial}-${change.port ?? ''}`,
    kind: 'disk',
    path: '/dev/sdb',
    model: 'Portable SSD T7',
    serial,
    size: 500_107_862_016,
    attachment: 'usb',
    port: '1-2',
    removable: true,
    twin: false,
    content: 'blank',
    known: NOTHING_KNOWN,
    summary: { kind: 'nothing' },
    partitions: [],
    recovery: null,
    tableSides: null,
    configAge: null,
    configAgainst: { read: null, restore: null },
    refusals: [],
    warnings: [],
    ...change,
  }
}

export function buildAppliance(change: Partial<UnitView> = {}, b: Partial<SlotView> = {}): UnitView {
  const size = change.size ?? 500_107_862_016
  return buildUnit({
    content: 'appliance',
    summary: { kind: 'slots' },
    partitions: buildPartitions(size, { 'SLOT-A': '2.4.1', 'SLOT-B': '2.3.0' }),
    recovery: {
      slots: { A: buildSlot(), B: buildSlot({ slot: 'B', version: '2.3.0', ...b }) },
      bootsNext: { slot: 'A', counted: false, triesLeft: null, startsLeft: null, spare: 'B' },
      bootsLater: null,
      running: null,
      damage: [],
      lastFallback: null,
      override: null,
      history: [],
    },
    configAge: '2026-11-19T15:40:00Z',
    ...change,
  })
}

/** The disk of the appliance that the console runs on, from slot B while slot A boots next. */
export function buildOwnDisk(change: Partial<UnitView> = {}): UnitView {
  const unit = buildAppliance({
    serial: '0xA1C4E77B',
    port: '',
    path: '/dev/mmcblk0',
    model: 'DF4032',
    attachment: 'mmc',
    removable: false,
    size: 31_268_536_320,
    refusals: [buildProblem({ code: 'disk.system', message: 'Disk /dev/mmcblk0 is used by the running system: /.' })],
    ...change,
  })
  return { ...unit, recovery: unit.recovery && { ...unit.recovery, running: 'B' } }
}

export const buildJob = (change: Partial<UnitJobView> = {}): UnitJobView => ({
  job: 'job-token-1',
  batch: 'batch-token-1',
  unit: 'token-unit',
  unitKey: 'key-unit',
  title: '4F2A91',
  kind: 'provision',
  state: 'writing',
  stage: 'write',
  steps: [
    { text: { kind: 'record-incomplete', slot: 'A' }, state: 'done' },
    { text: { kind: 'wipe' }, state: 'done' },
    { text: { kind: 'write-slot', slot: 'A', size: 1_260_000_000 }, state: 'running' },
    { text: { kind: 'write-slot', slot: 'B', size: 1_260_000_000 }, state: 'waiting' },
    { text: { kind: 'make-esp', size: 268_435_456, slot: 'A' }, state: 'waiting' },
    { text: { kind: 'write-table', partitions: 5 }, state: 'waiting' },
  ],
  doneBytes: 1_240_000_000,
  totalBytes: 3_400_000_000,
  curve: Array.from({ length: 90 }, (_, i) => 180e6 + 40e6 * Math.sin(i / 7) + 20e6 * Math.sin(i / 2)),
  startedAt: '2026-11-22T08:01:30Z',
  endedAt: null,
  remaining: 134,
  limit: 'disk',
  diagnosis: null,
  report: null,
  ...change,
})

export const buildImage = (change: Partial<ImageView> = {}): ImageView => ({
  token: 'image-token-1',
  name: 'hypernet-2.4.1.twb',
  kind: 'bundle',
  product: 'hypernet',
  version: '2.4.1',
  digest: '24'.repeat(32),
  channel: 'stable',
  counter: 241,
  created: '2026-09-30T10:00:00Z',
  expires: '2027-09-30T10:00:00Z',
  size: 812_000_000,
  hardware: ['t640'],
  signer: { fingerprint: SIGNER, name: 'Osiris release 2026', expires: '2028-01-01T00:00:00Z' },
  state: 'verified',
  problem: null,
  pinned: true,
  addedAt: '2026-10-01T08:00:00Z',
  hasBootFiles: true,
  readAt: '2026-10-01T08:01:00Z',
  ...change,
})

const key: KeyView = {
  fingerprint: SIGNER,
  name: 'Osiris release 2026',
  algorithm: 'Ed25519',
  created: '2026-01-01T00:00:00Z',
  expires: '2028-01-01T00:00:00Z',
  state: 'usable',
}

const hidden: readonly HiddenDisk[] = [
  {
    name: '/dev/nvme0n1 Samsung 980',
    size: 1_000_204_886_016,
    reason: buildProblem({ code: 'disk.system', message: 'It holds the running operating system (/).', remedy: '' }),
  },
]

const units: readonly UnitView[] = [
  buildAppliance({ serial: 'S3Z8NB0K4F2A91', port: '1-2' }),
  buildAppliance(
    { serial: 'WD-WX41E77N0P3Q', port: '1-3', model: 'WD Blue 2.5', size: 1_000_204_886_016, attachment: 'ata' },
    { verdict: 'Trying', triesLeft: 2, version: '2.5.0' },
  ),
  buildAppliance({ serial: 'KX-0031-77C2D8', port: '1-4' }, { verdict: 'Bad' }),
  buildAppliance({ serial: 'KX-0031-81A0F3', port: '2-1' }, { verdict: 'Incomplete', version: null }),
  buildAppliance({ serial: 'KX-0031-90BE17', port: '2-2' }, { verdict: 'Empty', version: null }),
  buildUnit({ serial: 'KX-0031-AA04D1', port: '2-3', model: 'SanDisk Extreme', size: 64_021_856_256 }),
  buildUnit({
    serial: '000000000001',
    port: '3-1',
    twin: true,
    model: 'Generic SD Reader',
    attachment: 'mmc',
    size: 31e9,
  }),
  buildUnit({
    serial: '000000000001',
    port: '3-2',
    twin: true,
    model: 'Generic SD Reader',
    attachment: 'mmc',
    size: 31e9,
  }),
  buildUnit({
    serial: 'FX-20177745',
    port: '4-1',
    content: 'other',
    summary: { kind: 'partitions', names: ['EFI', 'Windows'] },
    partitions: buildPartitions(500_107_862_016).slice(0, 2),
    refusals: [buildProblem()],
  }),
  buildUnit({
    serial: null,
    port: '',
    kind: 'virtual',
    attachment: 'file',
    path: '/home/tech/virtual/practice.img',
    model: null,
    size: 16e9,
    warnings: [
      buildProblem({
        code: 'host.usb-slow',
        message: 'USB 2 port: writing takes about five times as long.',
        remedy: 'Use a blue port.',
      }),
    ],
  }),
  buildOwnDisk(),
]

const jobOfUnit = (index: number, change: Partial<UnitJobView>): UnitJobView =>
  buildJob({
    job: `job-token-${index}`,
    unit: units[index].token,
    unitKey: units[index].key,
    title: units[index].serial?.slice(-6) ?? 'practice.img',
    ...change,
  })

const steps = (state: 'waiting' | 'done') => buildJob().steps.map(({ text }) => ({ text, state }))

/** A batch of five: one verified, one failed, two under way, one waiting. */
export const buildBatch = (change: Partial<BatchView> = {}): BatchView => ({
  batch: 'batch-token-1',
  title: 'hypernet 2.4.1, 5 units',
  state: 'running',
  cause: null,
  jobs: [
    jobOfUnit(0, {
      state: 'verified',
      stage: 'done',
      steps: steps('done'),
      doneBytes: 3.4e9,
      remaining: 0,
      endedAt: '2026-11-22T08:04:10Z',
      report: 'report-token-1',
    }),
    jobOfUnit(2, {
      state: 'failed',
      steps: steps('done').map((step, i) =>
        i < 2 ? step : { ...step, state: i === 2 ? ('failed' as const) : ('waiting' as const) },
      ),
      endedAt: '2026-11-22T08:03:00Z',
      diagnosis: {
        cause: 'cable',
        confidence: 'probable',
        written: true,
        safe: 'does-not-boot',
        problem: buildProblem({
          code: 'disk.lost',
          message: 'Disk /dev/sdd disappeared at byte 1240000000 of 3400000000.',
          remedy: 'Check the cable and start again.',
        }),
      },
    }),
    jobOfUnit(3, { state: 'writing' }),
    jobOfUnit(4, { state: 'reading-back', stage: 'read-back', doneBytes: 2.6e9, remaining: 62 }),
    jobOfUnit(5, {
      state: 'ready',
      stage: 'identify',
      steps: steps('waiting'),
      doneBytes: 0,
      remaining: null,
      curve: [],
      startedAt: null,
    }),
  ],
  ...change,
})

export const buildStation = (change: Partial<StationView> = {}): StationView => ({
  seq: 0,
  version: '0.1.0',
  host: 'browser',
  platform: 'linux',
  settings: { language: 'system', theme: 'system', sounds: false, assistive: false, operator: 'tech', neverTouch: [] },
  bench: { units, hidden, problem: null },
  images: [
    buildImage(),
    buildImage({
      token: 'image-token-2',
      name: 'hypernet-2.3.0.twb',
      version: '2.3.0',
      counter: 230,
      state: 'trusted',
      pinned: false,
    }),
    buildImage({
      token: 'image-token-3',
      name: 'unknown.tar.gz',
      kind: 'triple',
      product: null,
      version: null,
      digest: null,
      signer: null,
      state: 'bad',
      problem: buildProblem({
        code: 'trust.unknown-key',
        message: 'Signed by a key that is not trusted.',
        remedy: 'Import the key under Trust.',
      }),
      pinned: false,
      hasBootFiles: false,
    }),
  ],
  keys: [key],
  layouts: [
    { name: 'standard', description: 'Two slots of 3.5 GB, config, data on the rest', minimum: 16_000_000_000 },
    { name: 'large', description: 'Two slots of 8 GB, config, data on the rest', minimum: 32_000_000_000 },
  ],
  batches: [buildBatch()],
  reports: [
    {
      token: 'report-token-1',
      id: 'TS-20261122-0001',
      at: '2026-11-22T08:04:10Z',
      unit: 'S3Z8NB0K4F2A91',
      what: { kind: 'provision', version: '2.4.1', layout: 'standard' },
      outcome: 'done',
      version: '2.4.1',
      signed: true,
    },
  ],
  reportsUnread: null,
  checks: [],
  ...change,
})

/** Many units, for scrolling. */
export const buildManyUnits = (count: number): UnitView[] =>
  Array.from({ length: count }, (_, i) =>
    (i % 3 === 0 ? buildUnit : buildAppliance)({
      serial: `SN-${String(100000 + i * 7919).slice(-6)}${String(i).padStart(4, '0')}`,
      port: `${1 + Math.floor(i / 16)}-${1 + (i % 16)}`,
    }),
  )
