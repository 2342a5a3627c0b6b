// What an update leaves on the data partition: update_state.json (the specification's five names and ours), boot_count (a
// text file that upstream's tools read), rolled_back.json. Each write is atomic; damage is set aside and told.
import { join } from 'node:path'
import { CATALOGUE, type ErrorCode, type Finding, finding } from '#base/errors.ts'
import { UPDATE_PHASES, UPDATE_STATUSES, type UpdateOffer, type UpdateRecord, type WindowSpec } from '#model/update.ts'
import { readJsonTwice, readTextFile, removeTwice, writeFileAtomic, writeJsonTwice } from '#node/os/state-file.ts'
import type { DevicePaths, RolledBack, UpdateStore } from '../ports.ts'

export const updateFolder = (paths: Pick<DevicePaths, 'state'>): string => join(paths.state, 'update')

/** Old entries go first; nobody offers the hundred and first oldest version again. */
const ROLLED_BACK_LIMIT = 100

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @param report told about a damaged file, which reads as absent from then on */
export function updateStore(paths: Pick<DevicePaths, 'state'>, report: (found: Finding) => void): UpdateStore {
  const folder = updateFolder(paths)
  const stateFile = join(folder, 'update_state.json')
  const rolledBackFile = join(folder, 'rolled_back.json')

  const read = async <T>(file: string, parse: (value: unknown) => T | null): Promise<T | null> => {
    const found = await readJsonTwice(file, parse)
    if (found.state !== 'absent' && found.finding) report(found.finding)
    return found.state === 'present' ? found.value : null
  }
  const raw = () => read(stateFile, (value) => (recordOf(value) && isFields(value) ? value : null))
  const rolledBack = async () => (await read(rolledBackFile, rolledBackOf)) ?? []

  return {
    async load() {
      return recordOf(await raw())
    },
    async save(record) {
      const old = await raw()
      const same = old !== null && recordOf(old)?.update_id === record.update_id
      // The counter first: a new update with the tries of the last one would look half used up.
      if (!same) await writeBootCount(paths, 0)
      await writeJsonTwice(stateFile, same ? { ...old, ...record } : record)
    },
    async clear() {
      // The counter first: what is read as "an update is under way" must not disappear before its traces do.
      await writeBootCount(paths, 0)
      await removeTwice(stateFile)
    },
    rolledBack,
    async addRolledBack(entry) {
      const others = (await rolledBack()).filter(
        ({ version, update_id }) => version !== entry.version || update_id !== entry.update_id,
      )
      await writeJsonTwice(rolledBackFile, [...others, entry].slice(-ROLLED_BACK_LIMIT))
    },
  }
}

/** `update/boot_count` as upstream's tools know it: boots of the trial so far; 0 when absent or unreadable as a number. */
export async function readBootCount(paths: Pick<DevicePaths, 'state'>): Promise<number> {
  const text = (await readTextFile(join(updateFolder(paths), 'boot_count')))?.trim() ?? ''
  return /^\d{1,6}$/.test(text) ? Number(text) : 0
}

/** Atomic; "0" says that no trial is counted. @throws EngineError `settings.not-saved` */
export const writeBootCount = (paths: Pick<DevicePaths, 'state'>, boots: number): Promise<void> =>
  writeFileAtomic(join(updateFolder(paths), 'boot_count'), String(boots))

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** A record of ours, or one of upstream (five names): that update was switched to already, so the gate has it. */
function recordOf(value: unknown): UpdateRecord | null {
  if (!isFields(value)) return null
  const updateId = textOf(value.update_id)
  const version = textOf(value.version)
  const slot = value.target_partition === 'A' || value.target_partition === 'B' ? value.target_partition : null
  if (!updateId || !version || !slot) return null
  const rolloutId = textOf(value.rollout_id)
  const phase = value.phase === undefined ? 'verifying' : UPDATE_PHASES.find((known) => known === value.phase)
  const offer = value.offer === undefined ? foreignOffer(updateId, rolloutId, version) : offerOf(value.offer)
  if (!phase || !offer) return null
  return {
    update_id: updateId,
    rollout_id: rolloutId,
    version,
    target_partition: slot,
    started_at: textOf(value.started_at) ?? '1970-01-01T00:00:00Z',
    phase,
    offer,
    release_digest: textOf(value.release_digest),
    approved_at: textOf(value.approved_at),
    baseline: baselineOf(value.baseline),
    attempts: countOf(value.attempts),
    strikes: countOf(value.strikes),
    retry_at: textOf(value.retry_at),
    found: textOf(value.found),
    last_error: findingIn(value.last_error),
    reported: UPDATE_STATUSES.find((known) => known === value.reported) ?? null,
    failed: failureOf(value.failed),
  }
}

const countOf = (value: unknown): number => (typeof value === 'number' && value > 0 ? Math.floor(value) : 0)

/** A code that this version of the program does not know says nothing to it. */
function findingIn(value: unknown): Finding | null {
  if (!isFields(value) || typeof value.code !== 'string' || !Object.hasOwn(CATALOGUE, value.code)) return null
  const details = isFields(value.details) ? value.details : {}
  const plain = Object.entries(details).filter((entry): entry is [string, string | number | boolean] =>
    ['string', 'number', 'boolean'].includes(typeof entry[1]),
  )
  return finding(value.code as ErrorCode, Object.fromEntries(plain))
}

function failureOf(value: unknown): UpdateRecord['failed'] {
  if (!isFields(value)) return null
  const reason = findingIn(value.finding) ?? finding('update.failed-before')
  return { wire: textOf(value.wire) ?? 'UPDATE_FAILED', finding: reason }
}

const foreignOffer = (updateId: string, rolloutId: string | null, version: string): UpdateOffer => ({
  origin: 'fleet',
  updateId,
  rolloutId,
  orderId: null,
  version,
  url: '',
  sha256: null,
  sizeBytes: null,
  window: null,
  requireApproval: false,
})

function offerOf(value: unknown): UpdateOffer | null {
  if (!isFields(value)) return null
  const origin = (['order', 'fleet', 'channel', 'local'] as const).find((known) => known === value.origin)
  const updateId = textOf(value.updateId)
  const version = textOf(value.version)
  if (!origin || !updateId || !version || typeof value.url !== 'string') return null
  return {
    origin,
    updateId,
    rolloutId: textOf(value.rolloutId),
    orderId: textOf(value.orderId),
    version,
    url: value.url,
    sha256: textOf(value.sha256),
    sizeBytes: typeof value.sizeBytes === 'number' ? value.sizeBytes : null,
    // Checked again by whoever reads the window: it may come from an older version of this program.
    window: windowOf(value.window),
    requireApproval: value.requireApproval === true,
    ...(typeof value.allowOlder === 'string' && { allowOlder: value.allowOlder }),
  }
}

const windowOf = (value: unknown): WindowSpec | null =>
  typeof value === 'object' && value !== null ? (value as WindowSpec) : null

function baselineOf(value: unknown): Readonly<Record<string, boolean>> | null {
  if (!isFields(value)) return null
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'),
  )
}

function rolledBackOf(value: unknown): readonly RolledBack[] | null {
  if (!Array.isArray(value)) return null
  return value.filter(isFields).flatMap((entry): RolledBack[] => {
    const version = textOf(entry.version)
    if (!version) return []
    return [
      {
        version,
        update_id: textOf(entry.update_id) ?? '',
        release_digest: textOf(entry.release_digest),
        at: textOf(entry.at) ?? '',
        reason: textOf(entry.reason) ?? '',
      },
    ]
  })
}
