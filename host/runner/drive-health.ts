// What a drive says of its own health: SMART or the NVMe log by smartctl, eMMC by the kernel. Only ever a record: whatever goes
// wrong is a reason in words, within a fixed time, and keeps no job from running.

import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { isEngineError } from '#base/errors.ts'
import type { DriveHealth } from '#contract/certificate.ts'
import { boundedJson } from '#format/bounded-json.ts'
import type { DiskInfo } from '#model/disk.ts'
import { readBoundedText } from '#node/os/bounded-read.ts'
import { findTool, runTool } from '#node/os/run-tool.ts'

export type HealthAnswer =
  | { readonly ok: true; readonly health: DriveHealth }
  | { readonly ok: false; readonly whyNot: string }

export interface HealthOptions {
  /** Tests point it elsewhere. */
  readonly sys?: string
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 6000
const MAX_ANSWER = 1024 * 1024

const not = (whyNot: string): HealthAnswer => ({ ok: false, whyNot })

const UNKNOWN: Omit<DriveHealth, 'source'> = {
  passed: null,
  celsius: null,
  powerOnHours: null,
  usedPercent: null,
  reallocatedSectors: null,
  pendingSectors: null,
  uncorrectableSectors: null,
  mediaErrors: null,
  linkErrors: null,
}

/** Never throws. Needs the rights to open the device; reads only. */
export async function driveHealth(
  { path, bus }: Pick<DiskInfo, 'path' | 'bus'>,
  { sys = '/sys', timeoutMs = TIMEOUT_MS }: HealthOptions = {},
): Promise<HealthAnswer> {
  if (bus === 'file' || bus === 'loop' || bus === 'memory') return not('a virtual disk has no health')
  if (bus === 'mmc') return await cardHealth(join(sys, 'class/block', basename(path), 'device'))
  if (!(await findTool('smartctl'))) return not('smartctl is not installed')
  return await askSmartctl(path, timeoutMs)
}

/** eMMC 5.0 registers: a wear range of ten percent per step, and how much of the spare blocks is left. */
async function cardHealth(folder: string): Promise<HealthAnswer> {
  const read = (name: string): Promise<string> => readBoundedText(join(folder, name)).catch(() => '')
  const steps = (await read('life_time'))
    .trim()
    .split(/\s+/)
    .map(Number)
    .filter((step) => step >= 1 && step <= 11)
  const spare = Number((await read('pre_eol_info')).trim())
  if (steps.length === 0 && !(spare >= 1 && spare <= 3)) return not('the card does not tell its wear')
  const passed = spare >= 1 && spare <= 3 ? spare === 1 : null
  const usedPercent = steps.length > 0 ? Math.max(...steps) * 10 : null
  return { ok: true, health: { ...UNKNOWN, source: 'kernel', passed, usedPercent } }
}

async function askSmartctl(path: string, timeoutMs: number): Promise<HealthAnswer> {
  const args = ['--json=c', '--info', '--health', '--attributes', path]
  const late = new AbortController()
  try {
    const answer = runTool('smartctl', args, { timeoutMs, maxOutput: MAX_ANSWER })
    // A program that the kernel does not let go of outlives its time-out; nobody waits for it.
    const first = await Promise.race([answer, delay(timeoutMs + 1000, null, { signal: late.signal })])
    if (first === null) {
      answer.catch(() => {})
      return not('the drive did not answer in time')
    }
    return healthOf(first.stdout)
  } catch (error) {
    if (isEngineError(error, 'tool.timeout')) return not('the drive did not answer in time')
    return not(error instanceof Error ? error.message : String(error))
  } finally {
    late.abort()
  }
}

const whole = z.int().min(0).nullish().catch(null)

/** As much of smartctl's JSON as is used; what a drive leaves out, or says in another shape, is not known. */
const answerSchema = z.object({
  smartctl: z.object({
    exit_status: z.int(),
    messages: z.array(z.object({ string: z.string() })).optional(),
  }),
  smart_status: z.object({ passed: z.boolean() }).nullish().catch(null),
  temperature: z.object({ current: z.int() }).nullish().catch(null),
  power_on_time: z
    .object({ hours: z.int().min(0) })
    .nullish()
    .catch(null),
  endurance_used: z.object({ current_percent: whole }).nullish().catch(null),
  scsi_grown_defect_list: whole,
  nvme_smart_health_information_log: z.object({ percentage_used: whole, media_errors: whole }).nullish().catch(null),
  ata_smart_attributes: z
    .object({ table: z.array(z.object({ id: z.int(), raw: z.object({ string: z.string() }) })) })
    .nullish()
    .catch(null),
})

/** Bits of smartctl's exit status: the command line was wrong; the device could not be opened. */
const NOTHING_READ = 0b11

/** smartctl's JSON as facts. */
export function healthOf(json: string): HealthAnswer {
  let value: unknown
  try {
    value = boundedJson(json, 4_000_000)
  } catch {
    return not('smartctl answered something else than JSON')
  }
  const parsed = answerSchema.safeParse(value)
  if (!parsed.success) return not('smartctl answered in another form')
  const said = parsed.data
  const { exit_status: status, messages } = said.smartctl
  const nvme = said.nvme_smart_health_information_log
  const health: DriveHealth = {
    source: 'smartctl',
    passed: said.smart_status?.passed ?? null,
    celsius: said.temperature?.current ?? null,
    powerOnHours: said.power_on_time?.hours ?? null,
    usedPercent: nvme?.percentage_used ?? said.endurance_used?.current_percent ?? null,
    reallocatedSectors: attribute(said, 5) ?? said.scsi_grown_defect_list ?? null,
    pendingSectors: attribute(said, 197),
    uncorrectableSectors: attribute(said, 198),
    mediaErrors: nvme?.media_errors ?? null,
    linkErrors: attribute(said, 199),
  }
  const { source: _source, ...facts } = health
  if ((status & NOTHING_READ) === 0 && Object.values(facts).some((fact) => fact !== null)) return { ok: true, health }
  const why = messages?.map(({ string }) => string).join(' ') || `exit status ${status}`
  return not(`the drive does not tell its health: ${why.slice(0, 300)}`)
}

/** Raw values are packed differently by makers; smartctl's own text begins with the plain number. */
function attribute({ ata_smart_attributes: said }: z.infer<typeof answerSchema>, id: number): number | null {
  const found = said?.table.find((row) => row.id === id)
  const value = found ? Number.parseInt(found.raw.string, 10) : Number.NaN
  return Number.isSafeInteger(value) && value >= 0 ? value : null
}
