// From the engine's report and what the station knows to a certificate. Pure: the same facts give the same certificate.
// What a station cannot know (chassis, network, first check-in) stays null until somebody who knows it fills it in.
import type { Certificate } from '#contract/certificate.ts'
import type { ImageView } from '#contract/views.ts'
import type { Report } from '#engine/run-plan.ts'
import { LONG_TEXT, printable } from '#plan/common.ts'
import { describeJob, describePlan, describeStep } from '#plan/describe.ts'
import { jobText } from '#plan/plan-text.ts'
import { pathFor } from '../bench/unit-view.ts'
import type { UnitEntry } from '../ports.ts'
import type { RunnerReport } from '../runner/surroundings.ts'
import {
  bootOf,
  configOf,
  cut,
  layoutOf,
  overridesOf,
  releaseOf,
  smartWord,
  surroundingsOf,
  writtenOf,
} from './certificate-parts.ts'
import type { StationFacts } from './station-facts.ts'

export interface CertificateFacts {
  readonly id: string
  readonly unit: UnitEntry
  readonly report: RunnerReport
  readonly operator: string
  readonly version: string
  readonly commit: string | null
  readonly station: StationFacts
  readonly images: readonly ImageView[]
  readonly journal: Certificate['journal']
  readonly previous: Certificate['previous']
  readonly signedBy: string
}

export function makeCertificate(facts: CertificateFacts): Certificate {
  const { id, unit, report, station } = facts
  const { plan } = report
  const what = jobText(plan)
  const { disk } = unit
  const written = writtenOf(report)
  const system = written.find(({ what }) => what.startsWith('slot '))
  const outcome = outcomeOf(report)
  const error = report.error === null ? null : { ...cutError(report.error), during: duringOf(report) }
  const seconds = secondsBetween(report.startedAt, report.endedAt)
  const { health, machine, table, warnings: heard } = surroundingsOf(report)
  const warnings = [...unit.view.warnings, ...heard].map(({ code, message }) => ({ code, message: cut(message) }))
  const model = disk.model === null ? null : printable(disk.model, LONG_TEXT)
  const path = pathFor(disk.path)
  return {
    schema: 'twinslot-certificate/1',
    id,
    outcome,
    job: {
      kind: plan.request.kind,
      title: cut(describeJob(what)),
      what,
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
    chassis: {
      product: machine?.product ?? null,
      serial: machine?.serial ?? null,
      macAddresses: machine?.macAddresses ?? null,
      biosVendor: machine?.biosVendor ?? null,
      biosVersion: machine?.biosVersion ?? null,
    },
    drive: {
      key: unit.view.key,
      path,
      model,
      serial: disk.identity.serial === null ? null : printable(disk.identity.serial, LONG_TEXT),
      wwn: disk.identity.wwn === null ? null : printable(disk.identity.wwn, LONG_TEXT),
      size: disk.identity.size,
      sectorSize: disk.sectorSize,
      attachment: unit.view.attachment,
      port: unit.view.port === '' ? null : unit.view.port,
      removable: disk.removable,
      health,
    },
    layout: layoutOf(plan, unit, table),
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
        mac_address: machine?.macAddresses.at(0) ?? null,
        serial_number: machine?.serial ?? null,
        bios_vendor: machine?.biosVendor ?? null,
        bios_version: machine?.biosVersion ?? null,
        product_name: machine?.product ?? null,
        cpu_model: machine?.cpuModel ?? null,
        memory_gb: machine?.memoryGb ?? null,
        drive_path: path,
        drive_model: model,
        drive_size_gb: Math.round(disk.identity.size / 1e7) / 100,
        drive_smart_status: smartWord(health.before),
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
