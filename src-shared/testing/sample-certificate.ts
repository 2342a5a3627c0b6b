// Certificates for tests: an ordinary one, and one with as much of everything as a certificate may have.
import type { Certificate, DriveHealth } from '#contract/certificate.ts'

const SHA = 'ab'.repeat(32)
const AT = '2026-01-02T03:04:05.000Z'
const ID = '11111111-2222-4333-8444-555555555555'

const SAMPLE_HEALTH: DriveHealth = {
  source: 'smartctl',
  passed: true,
  celsius: 36,
  powerOnHours: 2401,
  usedPercent: 3,
  reallocatedSectors: 0,
  pendingSectors: 0,
  uncorrectableSectors: 0,
  mediaErrors: 0,
  linkErrors: 0,
}

export const sampleCertificate = (change: Partial<Certificate> = {}): Certificate => ({
  schema: 'twinslot-certificate/1',
  id: ID,
  outcome: 'verified',
  job: {
    kind: 'provision',
    title: 'Provision with 1.0.0 (layout hp-t640)',
    confirmed: 'Disk ACME S1 (16 GB) will be erased and provisioned with 1.0.0 (layout hp-t640).',
    key: 'job',
    plan: SHA,
    requestedAt: AT,
    requestedBy: 'Ada',
    resumed: false,
  },
  operator: 'Ada Lovelace',
  site: null,
  console: { version: '0.1.0', commit: null },
  station: { host: 'bench', system: 'linux 6.1', architecture: 'x64' },
  time: {
    startedAt: AT,
    endedAt: '2026-01-02T03:06:05.000Z',
    seconds: 120,
    zone: 'Europe/Berlin',
    clock: { source: 'system clock', synchronized: true },
  },
  chassis: { product: null, serial: null, macAddresses: null, biosVendor: null, biosVersion: null },
  drive: {
    key: 'wwn',
    path: '/dev/sdb',
    model: 'ACME 16GB',
    serial: 'S1',
    wwn: '0x5000c50012345678',
    size: 16_000_000_000,
    sectorSize: 512,
    attachment: 'usb',
    port: 'pci-0000:00:14.0-usb-0:1:1.0-scsi-0:0:0:0',
    removable: true,
    health: { before: SAMPLE_HEALTH, after: { ...SAMPLE_HEALTH, celsius: 41 }, whyNot: null },
  },
  layout: { name: 'hp-t640', tableGuid: '00112233-4455-6677-8899-AABBCCDDEEFF', partitions: [samplePartition(1)] },
  image: {
    name: 'demo-1.0.0.twinslot',
    kind: 'bundle',
    product: 'twinslot-demo',
    version: '1.0.0',
    channel: 'stable',
    counter: 1,
    digest: SHA,
    size: 12_000_000,
    sha256: SHA,
    signer: {
      fingerprint: 'AB'.repeat(20),
      name: 'Demo',
      keyExpires: 'never',
      keyExpiresAtSigning: 'never',
      signedAt: '2026-01-01T00:00:00Z',
      algorithm: 'Ed25519',
      hash: 'SHA-512',
    },
  },
  bootRelease: null,
  written: [sampleWritten('slot A')],
  boot: {
    files: 9,
    espSha256: SHA,
    defaultSlot: 'A',
    wanted: null,
    good: null,
    trying: null,
    triesLeft: null,
    next: null,
  },
  config: { files: [{ path: 'hypernet/server.yaml', size: 10, sha256: SHA, mode: 0o644 }] },
  secrets: null,
  network: null,
  overrides: [],
  warnings: [],
  steps: [{ title: 'Write slot A', startedAt: AT, endedAt: AT, seconds: 1, evidence: { sha256: SHA } }],
  account: { bytesWritten: 1, bytesZeroed: 1, bytesRead: 1, flushes: 1, touched: true },
  error: null,
  journal: { sha256: SHA, bytes: 10 },
  previous: null,
  signedBy: 'CD'.repeat(20),
  start: {
    installer_id: ID,
    installer_version: '0.1.0',
    hardware: {
      mac_address: null,
      serial_number: null,
      bios_vendor: null,
      bios_version: null,
      product_name: null,
      cpu_model: null,
      memory_gb: null,
      drive_path: '/dev/sdb',
      drive_model: 'ACME 16GB',
      drive_size_gb: 16,
      drive_smart_status: 'PASSED',
      drive_is_removable: true,
    },
    network: null,
  },
  complete: {
    installer_id: ID,
    success: true,
    error_step: null,
    error_message: null,
    warnings: [],
    image_sha256: SHA,
    verify_sha256: SHA,
    duration_s: 120,
  },
  ...change,
})

const samplePartition = (number: number): Certificate['layout']['partitions'][number] => ({
  number,
  name: 'ESP',
  offset: 1_048_576,
  size: 512_000_000,
  typeGuid: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  uniqueGuid: '00112233-4455-6677-8899-AABBCCDDEE01',
  filesystem: 'fat32',
})

const sampleWritten = (what: string): Certificate['written'][number] => ({
  what,
  bytesWritten: 12_000_000,
  bytesZeroed: 1_000_000,
  bytesSkipped: 0,
  bytesReadBack: 12_000_000,
  expectedSha256: SHA,
  readBackSha256: SHA,
  verdict: 'equal',
  uncached: true,
  stages: [
    { stage: 'write', seconds: 1, megabytesPerSecond: 12 },
    { stage: 'read-back', seconds: 1, megabytesPerSecond: 12 },
  ],
})

const LARGEST_HEALTH: DriveHealth = {
  source: 'smartctl',
  passed: false,
  celsius: -40,
  powerOnHours: Number.MAX_SAFE_INTEGER,
  usedPercent: Number.MAX_SAFE_INTEGER,
  reallocatedSectors: Number.MAX_SAFE_INTEGER,
  pendingSectors: Number.MAX_SAFE_INTEGER,
  uncorrectableSectors: Number.MAX_SAFE_INTEGER,
  mediaErrors: Number.MAX_SAFE_INTEGER,
  linkErrors: Number.MAX_SAFE_INTEGER,
}

/** Every list full, every text long and of wide letters. */
export function largestCertificate(): Certificate {
  const long = 'Wide Müller-Lüdenscheidt 株式会社 '.repeat(50)
  const base = sampleCertificate()
  const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
  return sampleCertificate({
    outcome: 'failed',
    job: { ...base.job, title: long, confirmed: long, resumed: true },
    operator: long,
    station: { host: long, system: long, architecture: long },
    chassis: {
      product: long,
      serial: long,
      macAddresses: many(64, () => 'aa:bb:cc:dd:ee:ff'),
      biosVendor: long,
      biosVersion: long,
    },
    drive: {
      ...base.drive,
      model: long,
      serial: long,
      wwn: long,
      path: `/${long}`,
      port: long,
      health: { before: LARGEST_HEALTH, after: LARGEST_HEALTH, whyNot: long },
    },
    layout: {
      name: long,
      tableGuid: long,
      partitions: many(256, (i) => ({ ...samplePartition(i + 1), name: long, uniqueGuid: long })),
    },
    written: many(300, () => ({ ...sampleWritten(long), readBackSha256: 'ef'.repeat(32) })),
    config: { files: many(3000, () => ({ path: long, size: 1, sha256: SHA, mode: 0o600 })) },
    overrides: many(20, () => ({ what: long, reason: long, by: long })),
    warnings: many(50, () => ({ code: long, message: long })),
    steps: many(300, () => ({ ...base.steps[0], title: long })),
    error: { code: 'write.verify-failed', message: long, during: long },
    previous: { id: ID, at: AT, sha256: SHA },
    image: base.image && {
      ...base.image,
      product: long,
      version: long,
      signer: {
        ...base.image.signer,
        name: long,
        keyExpires: 'never',
        keyExpiresAtSigning: AT,
        signedAt: AT,
        algorithm: long,
      },
    },
  })
}
