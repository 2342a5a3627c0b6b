// Statuses on their way to the server, on disk before anybody relies on them (docs/format/fleet.md). Delivered in the order
// in which they were put, each at least once. What the server no longer wants to hear is kept for people, never lost.
import { join } from 'node:path'
import { type Finding, isEngineError } from '#base/errors.ts'
import { type StatusReport, UPDATE_STATUSES } from '#model/update.ts'
import { readJsonTwice, writeJsonTwice } from '#node/os/state-file.ts'
import type { DeviceSettings, FlushResult, Outbox } from '../ports.ts'
import { createFleetApi } from './api-client.ts'
import { withFileLock } from './locked-file.ts'

export const MAX_REPORTS = 200
const MAX_UNDELIVERED = 50
const MAX_MESSAGE = 1000
const MAX_CODE = 50
const MAX_RESULT = 16 * 1024

/** Posts one status: `unknown` when the server has no such update (404). Throws when it cannot be delivered now. */
export type PostStatus = (report: StatusReport, signal: AbortSignal) => Promise<'taken' | 'unknown'>

export interface OutboxParts {
  /** The appliance's state folder. */
  readonly state: string
  /** Asked at each flush, because key and server may change; null while the appliance has no server. */
  connect(): Promise<PostStatus | null>
  /** Told about a damaged file, which was set aside. */
  found?(finding: Finding): void
}

export const outboxPath = (state: string): string => join(state, 'update', 'outbox.json')
/** Statuses that the server answered with 404: the last ones, for people and for whoever looks at the disk. */
export const undeliveredPath = (state: string): string => join(state, 'update', 'undelivered.json')

/** After one of these nothing follows for the update. */
export const isTerminal = ({ status }: StatusReport): boolean => ['succeeded', 'failed', 'rolled_back'].includes(status)

/** Null when it is no report. What comes with one and is not what it should be is left out: the status still counts. */
function reportIn(value: unknown): StatusReport | null {
  if (typeof value !== 'object' || value === null) return null
  const fields = value as Partial<Record<keyof StatusReport, unknown>>
  const { at, update_id, error_message, error_code, boot_attempts, health_check_result: result } = fields
  const status = UPDATE_STATUSES.find((word) => word === fields.status)
  if (typeof at !== 'string' || typeof update_id !== 'string' || !status) return null
  return {
    ...{ at, update_id, status },
    ...(typeof error_message === 'string' && { error_message }),
    ...(typeof error_code === 'string' && { error_code }),
    ...(typeof boot_attempts === 'number' && { boot_attempts }),
    ...(isResult(result) && { health_check_result: result }),
  }
}

const isResult = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseReports(value: unknown): StatusReport[] | null {
  if (!Array.isArray(value)) return null
  const reports = value.map(reportIn)
  return reports.every((report) => report !== null) ? reports : null
}

const sameBut = (a: StatusReport, b: StatusReport): boolean =>
  JSON.stringify({ ...a, at: '' }) === JSON.stringify({ ...b, at: '' })

/** Free texts cut to what the server takes; results that are too large replaced by a word about it. */
function bounded(report: StatusReport): StatusReport {
  const { error_message, error_code, health_check_result } = report
  const tooLarge = health_check_result && JSON.stringify(health_check_result).length > MAX_RESULT
  return {
    ...report,
    ...(error_message !== undefined && { error_message: error_message.slice(0, MAX_MESSAGE) }),
    ...(error_code !== undefined && { error_code: error_code.slice(0, MAX_CODE) }),
    ...(tooLarge && { health_check_result: { left_out: `larger than ${MAX_RESULT} characters` } }),
  }
}

/** The queue with one more report: repeated ones collapsed, the oldest intermediate ones dropped when it is too long. */
export function queued(reports: readonly StatusReport[], added: StatusReport): StatusReport[] {
  const report = bounded(added)
  const last = reports.findLast(({ update_id }) => update_id === report.update_id)
  if (last && sameBut(last, report)) return [...reports]
  const all = [...reports, report]
  while (all.length > MAX_REPORTS) {
    const oldest = all.findIndex((entry) => !isTerminal(entry))
    if (oldest < 0) break
    all.splice(oldest, 1)
  }
  return all
}

/** The outbox as all programs of the appliance use it: to the server of the settings, with the key of the moment. */
export const fleetOutbox = (
  state: string,
  settings: () => Promise<Pick<DeviceSettings, 'server'>>,
  found?: (finding: Finding) => void,
): Outbox =>
  createOutbox({
    state,
    async connect() {
      const { server } = await settings()
      return server ? createFleetApi(server).updateStatus : null
    },
    ...(found && { found }),
  })

/** The queue in `<state>/update/outbox.json`. Any program may put, list and flush. */
export function createOutbox({ state, connect, found }: OutboxParts): Outbox {
  const path = outboxPath(state)
  const load = async (file: string): Promise<StatusReport[]> => {
    const content = await readJsonTwice(file, parseReports)
    if (content.state !== 'absent' && content.finding) found?.(content.finding)
    return content.state === 'present' ? content.value : []
  }
  const change = (update: (reports: StatusReport[]) => StatusReport[]) =>
    withFileLock(path, async () => await writeJsonTwice(path, update(await load(path))))
  const keepUndelivered = async (report: StatusReport) => {
    const file = undeliveredPath(state)
    await withFileLock(file, async () => {
      const kept = [...(await load(file)), report]
      await writeJsonTwice(file, kept.slice(-MAX_UNDELIVERED))
    })
  }
  const remove = (sent: StatusReport) =>
    change((reports) => {
      const index = reports.findIndex((entry) => JSON.stringify(entry) === JSON.stringify(sent))
      return index < 0 ? reports : reports.toSpliced(index, 1)
    })

  return {
    put: (report) => change((reports) => queued(reports, report)),
    list: () => load(path),
    async flush(signal): Promise<FlushResult> {
      const unknownUpdates = new Set<string>()
      let sent = 0
      let problem: Finding | null = null
      try {
        const post = (await load(path)).length > 0 ? await connect() : null
        for (let [next] = await load(path); post && next && !signal.aborted; [next] = await load(path)) {
          if ((await post(next, signal)) === 'taken') sent++
          else {
            if (isTerminal(next)) await keepUndelivered(next)
            unknownUpdates.add(next.update_id)
          }
          await remove(next)
        }
      } catch (error) {
        if (!isEngineError(error)) throw error
        problem = { code: error.code, details: error.details }
      }
      const left = (await load(path)).length
      return { sent, left, unknownUpdates: [...unknownUpdates], ...(problem && { problem }) }
    },
  }
}
