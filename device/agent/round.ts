// One round of the agent: new key, check-in, answers to orders, reports, orders, the fleet's update, the channel. What
// fails is tried again in the next round; nothing is asked before a new key is on disk, nor of a server that wants peace.
import { explain, type Finding, finding, isEngineError } from '#base/errors.ts'
import { clockTrusted } from '#model/schedule.ts'
import { trialNoteOf } from '#model/slot.ts'
import type { UpdateOffer } from '#model/update.ts'
import { API_KEY_FORM } from '#model/update-names.ts'
import { readTextFile } from '#node/os/state-file.ts'
import { verifyEd25519 } from '#node/release/ed25519.ts'
import { openOrder, UPDATE_ORDER } from '#trust/order.ts'
import type { DeviceSettings, ReadSettings, ServerSettings } from '../ports.ts'
import { missingPartitions, missingText } from '../run-facts.ts'
import { forgetFormerKey, loadFormerKey } from '../settings-write.ts'
import { endKeyTrouble } from '../update/key-trouble.ts'
import { type FleetApi, isNotForUs } from './api-client.ts'
import { type CheckIn, checkIn } from './check-in.ts'
import { type AgentContext, type Attempt, attempt } from './context.ts'
import { releaseHosts } from './find-update.ts'
import { followChannel, followFleet } from './offers.ts'
import { type LedgerStore, ledgerPath, REMEMBERED_MS, withOrder } from './order-ledger.ts'
import { followOrders, type OpenContext, settleOrders } from './orders.ts'
import { outcomeFacts, outcomeOf } from './outcomes.ts'
import { rekey } from './rekey.ts'

/** Answers whether the server was there and everything that it is there for worked. */
export type Round = (read: ReadSettings, server: ServerSettings) => Promise<boolean>

export function createRound(context: AgentContext): Round {
  const { appliance, remarks, signal, peace } = context
  let unsavedKey: string | null = null
  const saveKey = async (key: string) => {
    unsavedKey = key
    await context.persistKey(key)
    unsavedKey = null
    context.note('The server has given this appliance a new key; it is saved.')
  }
  async function tried<T>(topic: string, work: () => Promise<T>): Promise<Attempt<T>> {
    const result = await attempt(remarks, topic, work)
    if (!result.done) peace.heed(result.error)
    return result
  }
  /** The key that was given, or that was just saved, is in the file: settings are read again for each call. */
  const parts = async (claimed: ServerSettings, key?: string) => {
    const { settings, findings: problems } = await appliance.readable()
    const server = { ...(settings.server ?? claimed), ...(key !== undefined && { apiKey: key }) }
    const now = () => appliance.clock.now()
    const degraded = await degradedText(context)
    const { paths } = appliance
    return { api: context.connect(server), server, host: context.host(), problems, degraded, paths, now, saveKey }
  }
  const tryCheckIn = async (claimed: ServerSettings, key?: string) => {
    const { api, ...rest } = await parts(claimed, key)
    return await tried('check-in', () => context.alone(() => checkIn({ api, ...rest }, signal)))
  }
  /** The present key never worked, and the one before it still does: it is put back, unless there is a newer one yet. */
  const withFormerKey = async (claimed: ServerSettings, refused: Attempt<CheckIn>): Promise<Attempt<CheckIn>> => {
    const former = await tried('former key', () => loadFormerKey(appliance.paths))
    if (!former.done || former.value === null) return refused
    const key = former.value
    const asked = await tryCheckIn(claimed, key)
    if (!asked.done) return asked
    if (asked.value.key === 'same' && !(await tried('check-in', () => saveKey(key))).done) return refused
    return asked
  }
  /** A key that is refused may have been replaced by one that never arrived here. */
  const withNewKey = async (claimed: ServerSettings, refused: Attempt<CheckIn>): Promise<Attempt<CheckIn>> => {
    if (refused.done || !isEngineError(refused.error, 'agent.key-refused') || refused.error.details.status !== 401)
      return refused
    const former = await withFormerKey(claimed, refused)
    if (former.done || !isEngineError(former.error, 'agent.key-refused')) return former
    const { api, ...rest } = await parts(claimed)
    const asked = await tried('new key', () => context.alone(() => rekey({ api, ...rest }, signal)))
    return asked.done && asked.value ? await tryCheckIn(claimed) : refused
  }

  return async ({ settings }, claimed) => {
    const unsaved = unsavedKey
    if (unsaved !== null && !(await tried('check-in', () => saveKey(unsaved))).done) return false
    const checked = await withNewKey(claimed, await tryCheckIn(claimed))
    if (!checked.done) return false
    await tried('key', async () => {
      await endKeyTrouble(appliance.paths.state)
      // A new one has to work first.
      if (checked.value.key !== 'new') await forgetFormerKey(appliance.paths)
    })
    const server = (await appliance.readable()).settings.server ?? claimed
    if (checked.value.key === 'unusable')
      remarks.say('new key', finding('agent.key-unusable', { server: server.endpoint, expected: API_KEY_FORM }))
    const api = context.connect(server)
    sayClock(checked.value.clock, context)
    const offers = { ...context, api, settings, server }
    const forgetful = await sayMissing(context)
    const report: Step = ['reports', () => context.deliver(signal)]
    const steps: readonly Step[] = [
      ['ends of orders', () => settle(context)],
      report,
      ['orders', () => takeOrders(checked.value, api, settings, server, context)],
      ['pending update', () => followFleet(offers, signal)],
      ['channel', () => followChannel(offers, signal)],
    ]
    let isGood = true
    for (const [topic, work] of forgetful ? [report] : steps) {
      if (peace.left() > 0) return false
      const one = await tried(topic, work)
      if (!one.done && one.away) isGood = false
    }
    return isGood
  }
}

type Step = readonly [string, () => Promise<void>]

/** True when the state is in memory only: without what was remembered, an order could be carried out a second time. */
async function sayMissing({ appliance, remarks }: AgentContext): Promise<boolean> {
  const missing = await missingPartitions(appliance.paths)
  const forgetful = missing.some(({ state }) => state !== null)
  if (missing.length === 0) remarks.clear('partitions')
  else
    remarks.say(
      'partitions',
      `Degraded: ${missingText(missing)}.${forgetful ? ' No orders and updates are taken until it is.' : ''}`,
    )
  return forgetful
}

/** For the fleet server: what is not mounted, and a slot that runs something else than its record says. */
async function degradedText({ appliance, remarks }: AgentContext): Promise<string> {
  const missing = missingText(await missingPartitions(appliance.paths))
  const looked = await attempt(remarks, 'own disk', () => appliance.disk.look())
  const other = looked.done ? looked.value.findings.filter(({ code }) => code === 'own.runs-another') : []
  for (const found of other) remarks.say('what runs', found)
  if (other.length === 0) remarks.clear('what runs')
  return [...(missing === '' ? [] : [missing]), ...other.map((found) => explain(found).message)].join('; ')
}

function sayClock(found: Finding | null, { remarks }: AgentContext): void {
  if (found) remarks.say('clock', found)
  else remarks.clear('clock', 'The clock agrees with the one of the fleet server again.')
}

async function settle({ appliance, seen, ledger }: AgentContext): Promise<void> {
  await recoverOrder(appliance, ledger)
  const { orders } = await ledger.load()
  if (!Object.values(orders).some(({ state }) => state === 'accepted')) return
  const facts = await outcomeFacts(appliance, seen)
  await settleOrders(ledger, (order) => outcomeOf(order, facts), appliance.clock.now())
}

/** The ledger is lost: the order of the last update is known by the update's record, or by the ESP, and is still answered. */
async function recoverOrder(
  { paths, store, disk, clock }: AgentContext['appliance'],
  ledger: LedgerStore,
): Promise<void> {
  const known = await ledger.load()
  if ((await readTextFile(ledgerPath(paths.state))) !== null) return
  const record = await store.load()
  const { records } = await disk.look()
  const note = records.trial ? trialNoteOf(records, records.trial.slot) : null
  const held = note && records[note.slot]
  const version = record?.version ?? (held?.state === 'written' ? held.content.version : null)
  const { orderId, updateId } = record?.offer ?? note ?? { orderId: null, updateId: null }
  const now = clock.now()
  const at = now.toISOString()
  const until = new Date(now.getTime() + REMEMBERED_MS).toISOString()
  const names = { order_type: UPDATE_ORDER, update_id: updateId, version, at, until, state: 'accepted' } as const
  const entry = { ...names, acknowledged: false, completion: null, reported: false }
  await ledger.save(orderId === null ? known : withOrder(known, { order_id: orderId, ...entry }))
}

/** Orders out of the check-in's answer and of the list, each looked at once. */
async function takeOrders(
  checked: CheckIn,
  api: FleetApi,
  settings: DeviceSettings,
  server: ServerSettings,
  context: AgentContext,
): Promise<void> {
  const { appliance, cycle, remarks, signal } = context
  const listed = await attempt(remarks, 'pending orders', () => api.pendingOrders(signal))
  if (!listed.done) context.peace.heed(listed.error)
  const received = onePerId([...checked.orders, ...(listed.done ? listed.value : [])])
  const now = appliance.clock.now()
  const keys = await context.orderKeys()
  const allowedHosts = releaseHosts(settings, server)
  await followOrders(
    received,
    {
      ledger: context.ledger,
      api,
      open: (order: unknown, known: OpenContext) =>
        openOrder({
          ...{ received: order, keys, now, self: [server.applianceId], ...known, allowedHosts },
          verify: verifyEd25519,
        }),
      async accept(offer: UpdateOffer) {
        const answer = await cycle.accept(offer)
        if (answer.accepted && (!answer.again || answer.renewed)) context.begun()
        return answer
      },
      isOurs: (updateId) => isOurs(updateId, api, context),
      now: () => now,
      clockDoubtful: checked.clock !== null || !clockTrusted(now, context.builtAt),
      note: (line) => remarks.say(line.split(':')[0] ?? '', line),
      heed: context.peace.heed,
    },
    signal,
  )
}

/** Orders were seen that went to every appliance of a site (defect 20): the server is asked whom it means. */
async function isOurs(
  updateId: string,
  api: Pick<FleetApi, 'pendingUpdate'>,
  { appliance, signal }: AgentContext,
): Promise<'yes' | 'no' | 'cannot-tell'> {
  if ((await appliance.store.load())?.update_id === updateId) return 'yes'
  try {
    const answer = await api.pendingUpdate(signal)
    return answer.update_available && answer.update.update_id === updateId ? 'yes' : 'no'
  } catch (error) {
    // A server that lets only people ask (defect 19): then the signature has to do.
    if (isNotForUs(error)) return 'cannot-tell'
    throw error
  }
}

function onePerId(orders: readonly unknown[]): readonly unknown[] {
  const ids = new Set<string>()
  return orders.filter((order) => {
    const id = typeof order === 'object' && order !== null && 'order_id' in order ? String(order.order_id) : ''
    const isNew = id === '' || !ids.has(id)
    ids.add(id)
    return isNew
  })
}
