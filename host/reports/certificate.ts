// From the engine's report and what the station knows to a certificate. Pure: the same facts give the same certificate.
// What a station cannot know (chassis, network, first check-in) stays null until somebody who knows it fills it in.
import type { Certificate } from '../../src-shared/contract/certificate.ts'
import type { ImageView } from '../../src-shared/contract/views.ts'
import type { Evidence } from '../../src-shared/engine/ports.ts'
import type { Report, StepReport } from '../../src-shared/engine/run-plan.ts'
import type { Plan, ReleaseFacts, Step } from '../../src-shared/model/plan.ts'
import { printable } from '../../src-shared/plan/common.ts'
import { describePlan, describeStep } from '../../src-shared/plan/describe.ts'
import { pathFor } from '../bench/unit-view.ts'
import type { UnitEntry } from '../ports.ts'
import type { StationFacts } from './station-facts.ts'

export interface CertificateFacts {
  readonly id: string
  readonly unit: UnitEntry
  readonly report: Report
  readonly operator: string
  readonly version: string
  readonly commit: string | null
  readonly station: StationFacts
  readonly images: readonly ImageView[]
  readonly journal: Certificate['journal']
  readonly previous: Certificate['previous']
  readonly signedBy: string
}

const MEGA = 1e6

export function makeCertificate(facts: CertificateFacts): Certificate {
  const { id, unit, report, station } = facts
  const { plan } = report
  const { disk } = unit
  const written = writtenOf(report)
  const system = written.find(({ what }) => what.startsWith('slot '))
  const outcome = outcomeOf(report)
  const error = report.error === null ? null : { ...cutError(report.error), during: duringOf(report) }
  const seconds = secondsBetween(report.startedAt, report.endedAt)
  const warnings = unit.view.warnings.map(({ code, message }) => ({ code, message: cut(message) }))
  const model = disk.model === null ? null : printable(disk.model)
  const path = pathFor(disk.path)
  return {
    schema: 'twinslot-certificate/1',
    id,
    outcome,
    job: {
      kind: plan.request.kind,
      title: cut(titleOf(plan)),
      confirmed: cut(describePlan(plan).title),
      key: report.job,
      plan: plan.id,
      requestedAt: plan.request.at,
      requestedBy: cut(plan.request.by),
      resumed: report.resumed,
    },
    operator: facts.operator === '' ? null : facts.operator,
    site: null,
    console: { version: facts.version, commit: facts.commit },
    station: { host: station.host, system: station.system, architecture: station.architecture },
    time: { startedAt: report.startedAt, endedAt: report.endedAt, seconds, zone: station.zone, clock: station.clock },
    chassis: { product: null, serial: null, macAddresses: null, biosVendor: null, biosVersion: null },
    drive: {
      key: unit.view.key,
      path,
      model,
      serial: disk.identity.serial === null ? null : printable(disk.identity.serial),
      wwn: disk.identity.wwn === null ? null : printable(disk.identity.wwn),
      size: disk.identity.size,
      sectorSize: disk.sectorSize,
      attachment: unit.view.attachment,
      port: unit.view.port === '' ? null : unit.view.port,
      removable: disk.removable,
      health: { before: null, after: null },
    },
    layout: layoutOf(plan, unit),
    image: releaseOf(plan.release, facts.images),
    bootRelease: releaseOf(plan.boot, facts.images),
    written,
    boot: bootOf(report),
    config: configOf(plan),
    secrets: null,
    network: null,
    overrides: overridesOf(plan),
    warnings,
    steps: report.steps.map((step) => ({ ...step, seconds: secondsBetween(step.startedAt, step.endedAt) })),
    account: report.account,
    error,
    journal: facts.journal,
    previous: facts.previous,
    signedBy: facts.signedBy,
    start: {
      installer_id: id,
      installer_version: facts.version,
      hardware: {
        mac_address: null,
        serial_number: null,
        bios_vendor: null,
        bios_version: null,
        product_name: null,
        cpu_model: null,
        memory_gb: null,
        drive_path: path,
        drive_model: model,
        drive_size_gb: Math.round(disk.identity.size / 1e7) / 100,
        drive_smart_status: null,
        drive_is_removable: disk.removable,
      },
      network: null,
    },
    complete: {
      installer_id: id,
      success: report.outcome === 'done',
      error_step: error?.during ?? null,
      error_message: error?.message ?? null,
      warnings: warnings.map(({ code }) => code),
      image_sha256: plan.release?.system?.sha256 ?? null,
      verify_sha256: system?.readBackSha256 ?? null,
      duration_s: seconds,
    },
  }
}

function titleOf({ request, release }: Plan): string {
  const version = release?.version ?? release?.digest.slice(0, 16) ?? ''
  switch (request.kind) {
    case 'provision':
      return `Provision with ${version} (layout ${request.layout.name})`
    case 'flash':
      return `Write ${version} into slot ${request.slot}`
    case 'slot':
      return `${SLOT_TITLES[request.action]} ${request.slot}`
    case 'restore':
      return 'Restore /config'
    case 'repair':
      return `Repair: ${request.repair}`
    case 'repair-table':
      return 'Repair the partition table'
  }
}

const SLOT_TITLES = {
  default: 'Make default: slot',
  once: 'Boot once: slot',
  good: 'Confirm as good: slot',
  bad: 'Mark as bad: slot',
  reset: 'Reset tries of slot',
} as const

const cut = (value: string): string => (value.length > 2000 ? `${value.slice(0, 1999)}…` : value)
const cutError = ({ code, message }: { code: string; message: string }) => ({ code, message: cut(message) })
const secondsBetween = (from: string, to: string): number =>
  Math.max(0, Math.round(Date.parse(to) - Date.parse(from)) / 1000)

/** "Verified" is said of images only, and only when the whole of each was read back and equals the signed digest. */
function outcomeOf({ outcome, error, plan }: Report): Certificate['outcome'] {
  if (outcome === 'failed') return error?.code === 'job.cancelled' ? 'stopped' : 'failed'
  return plan.steps.some(({ type }) => type === 'write-image' || type === 'check-slot') ? 'verified' : 'done'
}

/** The step under way: the first one that has no report. */
function duringOf({ plan, steps }: Report): string | null {
  const next = plan.steps.at(steps.length)
  return next === undefined ? null : cut(describeStep(next))
}

const number = (evidence: Evidence, field: string): number | null => {
  const value = evidence[field]
  return typeof value === 'number' ? value : null
}
const word = (evidence: Evidence, field: string): string | null => {
  const value = evidence[field]
  return typeof value === 'string' ? value : null
}
const digest = (evidence: Evidence, field: string): string | null => {
  const value = word(evidence, field)
  return value !== null && /^[0-9a-f]{64}$/.test(value) ? value : null
}

function writtenOf({ plan, steps }: Report): Certificate['written'] {
  return plan.steps.flatMap((step, index) => {
    const what = targetOfStep(step)
    return what === null ? [] : [writtenRow(what, step, steps.at(index))]
  })
}

/** What a step writes or reads back; null for steps that do neither to a place of their own. */
function targetOfStep(step: Step): string | null {
  switch (step.type) {
    case 'write-image':
    case 'check-slot':
      return `slot ${step.slot}`
    case 'make-filesystem':
    case 'write-esp':
      return `partition ${step.partition.number} ${step.partition.name}`
    case 'write-table':
    case 'repair-table':
      return 'partition table'
    default:
      return null
  }
}

function writtenRow(what: string, step: Step, done: StepReport | undefined): Certificate['written'][number] {
  const evidence = done?.evidence ?? {}
  const expected = step.type === 'write-image' || step.type === 'check-slot' ? step.sha256 : null
  const readBack = step.type === 'check-slot' ? step.size : number(evidence, 'bytesReadBack')
  const verdict = !done ? 'not-finished' : readBack === null ? 'not-read-back' : 'equal'
  return {
    what,
    bytesWritten: number(evidence, 'bytesWritten'),
    bytesZeroed: number(evidence, 'bytesZeroed'),
    bytesSkipped: number(evidence, 'bytesSkipped'),
    bytesReadBack: done ? readBack : null,
    expectedSha256: expected,
    readBackSha256: done ? digest(evidence, 'sha256') : null,
    verdict,
    uncached: typeof evidence.uncached === 'boolean' ? evidence.uncached : null,
    stages: [
      ...stage('write', number(evidence, 'writeMs'), number(evidence, 'bytesWritten')),
      ...stage('flush', number(evidence, 'flushMs'), null),
      ...stage('read-back', number(evidence, 'readBackMs'), number(evidence, 'bytesReadBack')),
    ],
  }
}

type Stage = Certificate['written'][number]['stages'][number]

function stage(name: Stage['stage'], ms: number | null, count: number | null): Stage[] {
  if (ms === null) return []
  const rate = count === null || ms <= 0 ? null : Math.round(count / MEGA / (ms / 1000))
  return [{ stage: name, seconds: ms / 1000, megabytesPerSecond: rate }]
}

function layoutOf(plan: Plan, unit: UnitEntry): Certificate['layout'] {
  const name = plan.request.kind === 'provision' ? plan.request.layout.name : null
  const table = plan.steps.find((step) => step.type === 'write-table' || step.type === 'repair-table')?.table
  if (!table) {
    const unknown = { typeGuid: null, uniqueGuid: null, filesystem: null }
    const partitions = unit.view.partitions.map(({ number, name, offset, size }) => ({ number, name, offset, size }))
    return { name, tableGuid: null, partitions: partitions.map((each) => ({ ...each, ...unknown })) }
  }
  const specs = plan.request.kind === 'provision' ? plan.request.layout.partitions : []
  return {
    name,
    tableGuid: table.diskGuid,
    partitions: table.entries.map((entry) => ({
      number: entry.number,
      name: entry.name,
      offset: entry.firstLba * table.sectorSize,
      size: (entry.lastLba - entry.firstLba + 1) * table.sectorSize,
      typeGuid: entry.typeGuid,
      uniqueGuid: entry.uniqueGuid,
      filesystem: specs.at(entry.number - 1)?.filesystem ?? null,
    })),
  }
}

/** The library knows more about a release than a plan does, when it is the same one. */
function releaseOf(release: ReleaseFacts | null, images: readonly ImageView[]): Certificate['image'] {
  if (!release) return null
  const same = images.find(
    ({ product, version, counter, signer, kind }) =>
      kind === release.kind &&
      product === release.product &&
      version === release.version &&
      counter === release.counter &&
      signer?.fingerprint === release.signer,
  )
  return {
    name: same?.name ?? null,
    kind: release.kind,
    product: release.product,
    version: release.version,
    channel: same?.channel ?? null,
    counter: release.counter,
    digest: release.digest,
    size: release.system?.size ?? null,
    sha256: release.system?.sha256 ?? null,
    signer: {
      fingerprint: release.signer,
      name: same?.signer?.name || null,
      keyExpires: same?.signer?.expires ?? null,
      signedAt: null,
      algorithm: null,
    },
  }
}

/** The last word of each step that touched the boot files. */
function bootOf({ plan, steps }: Report): Certificate['boot'] {
  const none = { files: null, espSha256: null, defaultSlot: null, wanted: null, good: null, trying: null }
  let boot: Certificate['boot'] = { ...none, triesLeft: null }
  plan.steps.forEach((step, index) => {
    const evidence = steps.at(index)?.evidence
    if (!evidence) return
    if (step.type === 'write-esp')
      boot = {
        ...boot,
        files: number(evidence, 'files'),
        espSha256: digest(evidence, 'espSha256'),
        defaultSlot: word(evidence, 'defaultSlot'),
      }
    if (step.type === 'boot-state')
      boot = {
        ...boot,
        wanted: word(evidence, 'wanted'),
        good: word(evidence, 'good'),
        trying: word(evidence, 'trying'),
        triesLeft: number(evidence, 'triesLeft'),
      }
  })
  return boot
}

function configOf({ request }: Plan): Certificate['config'] {
  if (request.kind !== 'provision' || request.config === null) return null
  return { files: request.config.map(({ path, size, sha256, mode }) => ({ path, size, sha256, mode })) }
}

function overridesOf({ request }: Plan): Certificate['overrides'] {
  const by = cut(request.by)
  const older = 'allowOlder' in request ? request.allowOlder : null
  const force = 'force' in request ? request.force : null
  return [
    ...(older === null ? [] : [{ what: 'an older release', reason: cut(older), by }]),
    ...(force === null ? [] : [{ what: 'a slot against advice', reason: cut(force), by }]),
  ]
}
