// Updates that come without an order: the fleet's pending update, and the channel of updates.yaml at its time of day. An
// update that the server no longer wants is cancelled while that is possible without a trace.
import { explain, type Finding, specOf } from '#base/errors.ts'
import { toIsoTime } from '#model/iso-time.ts'
import { clockTrusted, due } from '#model/schedule.ts'
import type { UpdateOffer } from '#model/update.ts'
import type { Appliance, DeviceSettings, ServerSettings } from '../ports.ts'
import { isEarly } from '../update/cycle.ts'
import { wireCodeOf } from '../update/cycle-errors.ts'
import type { UpdateCycle } from '../update/cycle-types.ts'
import { changeAgentMemory, loadAgentMemory } from './agent-memory.ts'
import type { FleetApi } from './api-client.ts'
import { runningVersion, type WantedUpdate, wantedByChannel, wantedByFleet } from './find-update.ts'
import type { Remarks } from './remarks.ts'

/** Without a time of day the channel is asked this often. */
const CHANNEL_EVERY_MS = 3_600_000

export interface OfferParts {
  readonly appliance: Appliance
  readonly cycle: Pick<UpdateCycle, 'accept' | 'cancel'>
  readonly api: Pick<FleetApi, 'pendingUpdate' | 'updates'>
  readonly settings: DeviceSettings
  readonly server: ServerSettings
  /** When these programs were built. */
  readonly builtAt: Date
  readonly remarks: Remarks
  /** An update was accepted, or the one under way has another window. */
  begun(): void
}

/** Asks for the pending update and follows the answer. @throws what the API throws */
export async function followFleet(parts: OfferParts, signal: AbortSignal): Promise<void> {
  const { appliance, cycle } = parts
  const wanted = await wantedByFleet(parts.api, parts.settings, parts.server, signal)
  const record = await appliance.store.load()
  if (record && record.offer.origin === 'fleet' && isEarly(record) && record.update_id !== wanted?.updateId) {
    // While reports wait, the server judges by an older status than ours.
    const waiting = (await appliance.outbox.list()).some(({ update_id }) => update_id === record.update_id)
    const reason = wanted ? 'the server wants another update' : 'the server has withdrawn it'
    if (!waiting) await cycle.cancel(record.update_id, reason)
  }
  if (wanted) await take(wanted, 'fleet', parts)
}

/** Asks the channel when its time of day has come and nothing is under way. @throws what the API throws */
export async function followChannel(parts: OfferParts, signal: AbortSignal): Promise<void> {
  const { appliance, settings } = parts
  const auto = settings.autoUpdate
  if (!auto?.enabled || (await appliance.store.load())) return
  const now = appliance.clock.now()
  const { channelAskedAt: last } = await loadAgentMemory(appliance.paths)
  const zone = settings.window?.timezone ?? 'UTC'
  const isDue =
    auto.schedule === null
      ? last === null || last > now || now.getTime() - last.getTime() >= CHANNEL_EVERY_MS
      : clockTrusted(now, parts.builtAt) && due(auto.schedule, zone, last, now)
  if (!isDue) return
  const current = await runningVersion(appliance.disk)
  const wanted = await wantedByChannel(parts.api, auto, settings, parts.server, current, signal)
  if (wanted) await take(wanted, 'channel', parts)
  await changeAgentMemory(appliance.paths, { channelAskedAt: now })
}

async function take(
  { updateId, offer }: WantedUpdate,
  origin: UpdateOffer['origin'],
  parts: OfferParts,
): Promise<void> {
  const topic = `offer ${updateId}`
  if (!offer.ok) return await refused(updateId, offer.refusals[0], parts, origin)
  const answer = await parts.cycle.accept(offer.value)
  if (!answer.accepted) return await refused(updateId, answer.findings[0], parts, origin)
  if (!answer.again) parts.remarks.say(topic, `Version ${offer.value.version} is to be installed (${updateId}).`)
  if (!answer.again || answer.renewed) parts.begun()
}

/** Said here once; the fleet, which would wait for ever, is told how it ended. */
async function refused(
  updateId: string,
  found: Finding | undefined,
  parts: OfferParts,
  origin: UpdateOffer['origin'],
): Promise<void> {
  if (!found) return
  const message = explain(found).message
  parts.remarks.say(`offer ${updateId}`, found, `${updateId}: `)
  if (origin !== 'fleet' || specOf(found.code).retry === 'again') return
  const { disk, outbox, clock, paths } = parts.appliance
  const told = `${updateId} ${found.code}`
  const { refused: before } = await loadAgentMemory(paths)
  if (before.includes(told)) return
  const names = { at: toIsoTime(clock.now()), update_id: updateId } as const
  if (found.code === 'update.already-installed') {
    // A slot on trial has not succeeded yet; the gate says so when it has.
    if ((await disk.look()).trialBoot !== null) return
    await outbox.put({ ...names, status: 'succeeded' })
  } else {
    const status = isRollBackOf(updateId, found) ? 'rolled_back' : 'failed'
    await outbox.put({ ...names, status, error_code: wireCodeOf(found.code), error_message: message })
  }
  await changeAgentMemory(paths, { refused: [...before, told] })
}

/** This very update fell back here, and the server did not hear of it; where no id was kept, the version has to do. */
export const isRollBackOf = (updateId: string, { code, details }: Finding): boolean =>
  code === 'update.rolled-back-before' && (details.update === updateId || !details.update)
