// The certificate of one unit and one run, `twinslot-certificate/1`: what was done to which disk with which image, and what
// was read back. Made from the engine's report and what the station knows; what is not known is null, never guessed. `start`
// and `complete` have the fields of the fleet's install telemetry, so that a console can send them on unchanged.
// Described in docs/format/certificate.md.
import { z } from 'zod'
import type { JobText } from '#model/plan-text.ts'

const text = z.string().max(2000)
const known = text.nullable()
const bytes = z.int().min(0)
const time = z.iso.datetime()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const evidence = z.record(z.string().max(100), z.union([text, z.number(), z.boolean(), z.null()]))

const slot = z.enum(['A', 'B'])
/** What a job does (JobText). */
const job: z.ZodType<JobText> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('provision'), version: text, layout: text }),
  z.strictObject({ kind: z.literal('flash'), version: text, slot }),
  z.strictObject({ kind: z.enum(['slot-default', 'slot-once', 'slot-good', 'slot-bad', 'slot-reset']), slot }),
  z.strictObject({
    kind: z.enum([
      'repair-table',
      'repair-environment',
      'repair-ab-state',
      'repair-boot-loader',
      'repair-slot-record',
      'repair-both-bad',
    ]),
  }),
  z.strictObject({ kind: z.literal('restore'), files: z.int().min(0) }),
])

const release = z.strictObject({
  name: known,
  kind: z.enum(['bundle', 'triple']),
  product: known,
  version: known,
  channel: known,
  counter: z.int().nullable(),
  /** SHA-256 of the signed manifest; of the image for a triple. */
  digest: sha256,
  size: bytes.nullable(),
  sha256: sha256.nullable(),
  signer: z.strictObject({
    fingerprint: text,
    name: known,
    /** When the station judged it; `never`. */
    keyExpires: known,
    /** As the key was when it signed; `never`. */
    keyExpiresAtSigning: known.default(null),
    signedAt: known,
    algorithm: known,
    hash: known.default(null),
  }),
})

const count = z.int().min(0).nullable()

/** What a drive says of itself (SMART, NVMe log, eMMC registers), as far as it says it. */
const health = z.strictObject({
  source: z.enum(['smartctl', 'kernel']),
  /** The drive's own verdict. */
  passed: z.boolean().nullable(),
  celsius: z.int().nullable(),
  powerOnHours: count,
  /** Percent of the writes that its maker promises; may be more than 100. For eMMC the end of the range that it names. */
  usedPercent: count,
  reallocatedSectors: count,
  pendingSectors: count,
  uncorrectableSectors: count,
  mediaErrors: count,
  /** Errors between drive and computer: a cable, a dock. */
  linkErrors: count,
})
export type DriveHealth = z.infer<typeof health>

const machine = z.strictObject({
  product: known,
  serial: known,
  macAddresses: z.array(text).max(64),
  biosVendor: known,
  biosVersion: known,
  cpuModel: known,
  memoryGb: z.number().nullable(),
})
/** The computer that the runner runs on, told only where that is the unit itself. */
export type Machine = z.infer<typeof machine>

const finding = z.strictObject({ code: text, message: text })

/** What a runner saw around a job, beside the engine's report. */
export const surroundingsSchema = z.strictObject({
  health: z.strictObject({ before: health.nullable(), after: health.nullable(), whyNot: known }),
  machine: machine.nullable(),
  warnings: z.array(finding).max(100),
  /** The partition table that was there before. */
  table: z
    .strictObject({
      diskGuid: text,
      sectorSize: z.int().min(1),
      entries: z
        .array(
          z.strictObject({
            number: z.int().min(1),
            name: text,
            firstLba: bytes,
            lastLba: bytes,
            typeGuid: text,
            uniqueGuid: text,
          }),
        )
        .max(256),
    })
    .nullable(),
})
export type Surroundings = z.infer<typeof surroundingsSchema>

const partition = z.strictObject({
  number: z.int().min(1),
  name: text,
  offset: bytes,
  size: bytes,
  typeGuid: known,
  uniqueGuid: known,
  filesystem: known,
})

const written = z.strictObject({
  /** "slot A", "partition 4 MSP-DATA", ... */
  what: text,
  bytesWritten: bytes.nullable(),
  bytesZeroed: bytes.nullable(),
  /** Left alone because it was right already. */
  bytesSkipped: bytes.nullable(),
  bytesReadBack: bytes.nullable(),
  expectedSha256: sha256.nullable(),
  readBackSha256: sha256.nullable(),
  /** `equal`: every byte that was read back is what the signed digest, or for own data what was written, says. */
  verdict: z.enum(['equal', 'not-read-back', 'not-finished']),
  /** True when the disk answered, not a cache; null when it is not known. */
  uncached: z.boolean().nullable(),
  stages: z.array(
    z.strictObject({
      stage: z.enum(['write', 'flush', 'read-back']),
      seconds: z.number().min(0),
      megabytesPerSecond: z.number().min(0).nullable(),
    }),
  ),
})

export const certificateSchema = z.strictObject({
  schema: z.literal('twinslot-certificate/1'),
  id: z.uuid(),
  /** `verified`: done, and every byte of an image was read back and equals the signed digest. */
  outcome: z.enum(['verified', 'done', 'failed', 'stopped']),
  job: z.strictObject({
    kind: text,
    title: text,
    /** The same as data; earlier consoles did not write it. */
    what: job.optional(),
    /** The sentence that somebody confirmed. */
    confirmed: text,
    key: text,
    plan: sha256,
    requestedAt: text,
    requestedBy: text,
    resumed: z.boolean(),
  }),
  operator: known,
  site: known,
  console: z.strictObject({ version: text, commit: known }),
  station: z.strictObject({ host: text, system: text, architecture: text }),
  time: z.strictObject({
    startedAt: time,
    endedAt: time,
    seconds: z.number().min(0),
    zone: text,
    clock: z.strictObject({ source: text, synchronized: z.boolean().nullable() }),
  }),
  chassis: z.strictObject({
    product: known,
    serial: known,
    macAddresses: z.array(text).nullable(),
    biosVendor: known,
    biosVersion: known,
  }),
  drive: z.strictObject({
    /** The station's own name for it, the same as long as its identity is. */
    key: text,
    path: text,
    model: known,
    serial: known,
    wwn: known,
    size: bytes,
    sectorSize: bytes,
    attachment: text,
    port: known,
    removable: z.boolean(),
    /** `whyNot`: why one of them is null. */
    health: z.strictObject({ before: health.nullable(), after: health.nullable(), whyNot: known.default(null) }),
  }),
  layout: z.strictObject({ name: known, tableGuid: known, partitions: z.array(partition).max(256) }),
  image: release.nullable(),
  bootRelease: release.nullable(),
  written: z.array(written).max(300),
  boot: z.strictObject({
    files: z.int().nullable(),
    espSha256: sha256.nullable(),
    defaultSlot: known,
    wanted: known,
    good: known,
    trying: known,
    triesLeft: z.int().nullable(),
    /** What boots next, as the disk says when all is written; `slot` null: none by itself. Null where that is not known. */
    next: z.strictObject({ slot: known, text }).nullable().default(null),
  }),
  config: z
    .strictObject({
      /** Names and digests only; never content. */
      files: z.array(z.strictObject({ path: text, size: bytes, sha256, mode: z.int() })).max(10_000),
    })
    .nullable(),
  secrets: z.strictObject({ count: z.int(), keyId: text }).nullable(),
  network: z.strictObject({ stages: z.array(text) }).nullable(),
  /** What was done against advice, and why. */
  overrides: z.array(z.strictObject({ what: text, reason: text, by: text })),
  warnings: z.array(finding),
  steps: z
    .array(z.strictObject({ title: text, startedAt: time, endedAt: time, seconds: z.number().min(0), evidence }))
    .max(1000),
  account: z.strictObject({
    bytesWritten: bytes,
    bytesZeroed: bytes,
    bytesRead: bytes,
    flushes: z.int().min(0),
    touched: z.boolean(),
  }),
  error: z.strictObject({ code: text, message: text, during: known }).nullable(),
  /** The runner's journal as it was when the job ended. */
  journal: z.strictObject({ sha256, bytes }).nullable(),
  /** The certificate that this station gave the same drive before. */
  previous: z.strictObject({ id: z.uuid(), at: time, sha256 }).nullable(),
  /** Full fingerprint of the key that signs this file (detached, armored OpenPGP). */
  signedBy: z.string().regex(/^[0-9A-F]{40,64}$/),
  start: z.strictObject({
    installer_id: z.uuid(),
    installer_version: text,
    hardware: z.strictObject({
      mac_address: known,
      serial_number: known,
      bios_vendor: known,
      bios_version: known,
      product_name: known,
      cpu_model: known,
      memory_gb: z.number().nullable(),
      drive_path: text,
      drive_model: known,
      drive_size_gb: z.number(),
      drive_smart_status: known,
      drive_is_removable: z.boolean(),
    }),
    network: z.null(),
  }),
  complete: z.strictObject({
    installer_id: z.uuid(),
    success: z.boolean(),
    error_step: known,
    error_message: known,
    warnings: z.array(text),
    image_sha256: sha256.nullable(),
    verify_sha256: sha256.nullable(),
    duration_s: z.number().min(0),
  }),
})

export type Certificate = z.infer<typeof certificateSchema>
