// The power goes before and after every effect of an update, once and twice, and comes back at noon, outside the window:
// the end is always the same, and at no moment is a slot armed that nobody has a record of.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { confirm } from '#model/boot-state.ts'
import type { UpdateOffer } from '#model/update.ts'
import { buildOffer, openUpdateWorld, PowerCut, type World } from '#testing/update-world.ts'
import type { Appliance } from '../ports.ts'
import { createCycle } from './cycle.ts'

type Mistake = (appliance: Appliance) => Appliance
const none: Mistake = (appliance) => appliance
const DAY = 86_400_000

/** Noon after the present time. */
const noon = (now: Date): Date => {
  const date = new Date(now)
  date.setUTCHours(12, 0, 0, 0)
  return date > now ? date : new Date(date.getTime() + DAY)
}

const isOver = ({ durable }: World) => durable.outbox.some(({ status }) => status === 'succeeded')

/** What the health gate does with a healthy slot; its own power cuts are its own tests' matter. */
async function gate(world: World): Promise<void> {
  const { durable } = world
  const { record, running } = durable
  if (record?.target_partition !== running) return
  const at = durable.now.toISOString()
  durable.outbox.push({ at, update_id: record.update_id, status: 'verifying' })
  durable.state = confirm(durable.state, running).after
  durable.outbox.push({ at, update_id: record.update_id, status: 'succeeded' })
  durable.record = null
}

/** From power on to the restart, or to the end. The server offers the update until it has succeeded. */
async function live(world: World, offer: UpdateOffer, mistake: Mistake): Promise<void> {
  await gate(world)
  const cycle = createCycle(mistake(world.appliance), world.deps)
  for (let steps = 0; steps < 20 && !isOver(world); steps++) {
    const answer = await cycle.accept(offer)
    assert.ok(answer.accepted, JSON.stringify(answer))
    const state = await cycle.step(new AbortController().signal)
    if (state.state === 'rebooting') return
    assert.ok(state.state === 'waiting' && state.until, JSON.stringify(state))
    world.durable.now = state.until
  }
}

async function play(world: World, offer: UpdateOffer, cuts: World['cut'][], mistake = none): Promise<World> {
  for (let lives = 0; lives < 8 && !isOver(world); lives++) {
    const cut = cuts[lives] ?? null
    world.cut = cut && { ...cut, at: world.effects.length + cut.at }
    try {
      await live(world, offer, mistake)
      if (!isOver(world)) world.start()
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
      world.start()
      world.durable.now = noon(world.durable.now)
    }
  }
  return world
}

const ORDER = ['downloading', 'ready', 'rebooting', 'verifying', 'succeeded']

function checkEnd(world: World, what: string): void {
  const { running, state, records, record, downloaded, finished } = world.durable
  assert.deepEqual({ running, wanted: state.wanted, good: state.good }, { running: 'B', wanted: 'B', good: 'B' }, what)
  assert.equal(records.A.state, 'written', what)
  assert.equal(record, null, what)
  assert.equal(downloaded, false, what)
  assert.equal(finished, 1, `${what}: written once`)
  // Repeated ones are the same status again; the restart's may be missing, when the power did what it announces.
  const told = world.statuses().filter((status, index, all) => status !== all[index - 1])
  const wanted = told.includes('rebooting') ? ORDER : ORDER.filter((status) => status !== 'rebooting')
  assert.deepEqual(told, wanted, what)
}

/** Plays the update with every single cut; `pairs` adds a second cut in the next life. Returns how many stories there were. */
async function enumerate(offer: UpdateOffer, mistake: Mistake, pairs: boolean): Promise<number> {
  const straight = await play(openUpdateWorld(), offer, [], mistake)
  checkEnd(straight, 'without a cut')
  const count = straight.effects.length
  let stories = 0
  for (const side of ['before', 'after'] as const)
    for (let at = 1; at <= count; at++) {
      const seconds = pairs ? Array.from({ length: count + 1 }, (_, index) => index) : [0]
      for (const second of seconds) {
        const cuts = [{ at, side }, ...(second > 0 ? [{ at: second, side }] : [])]
        const what = `cut ${side} effect ${at} (${straight.effects[at - 1]})${second > 0 ? `, then ${second}` : ''}`
        checkEnd(await play(openUpdateWorld(), offer, cuts, mistake), what)
        stories++
      }
    }
  return stories
}

const TRIPLE = buildOffer({ url: 'https://fleet.example.org/2.0.0.img' })

test('an update of a bundle ends the same, wherever the power goes, once or twice', async () => {
  assert.ok((await enumerate(buildOffer(), none, true)) > 300)
})

test('an update of a triple ends the same, wherever the power goes, and leaves no file behind', async () => {
  assert.ok((await enumerate(TRIPLE, none, true)) > 300)
})

test('without a window the end is the same too', async () => {
  assert.ok((await enumerate(buildOffer({ window: null }), none, false)) > 20)
})

test('mistake: arming before the record says so is noticed (upstream defect 5)', async () => {
  const mistake: Mistake = (appliance) => ({
    ...appliance,
    store: {
      ...appliance.store,
      async save(record) {
        if (record.phase === 'switching' && (await appliance.disk.look()).next?.slot === 'A')
          await appliance.disk.armTrial('B')
        await appliance.store.save(record)
      },
    },
  })
  await assert.rejects(enumerate(buildOffer(), mistake, false), /armed in phase ready|no record of it/)
})

test('mistake: arming before the window is noticed (upstream defect 4)', async () => {
  const mistake: Mistake = (appliance) => ({
    ...appliance,
    disk: {
      ...appliance.disk,
      async writeStandby(request) {
        const written = await appliance.disk.writeStandby(request)
        await appliance.disk.armTrial(written.slot)
        return written
      },
    },
  })
  await assert.rejects(enumerate(buildOffer(), mistake, false), /armed in phase writing/)
})

test('mistake: restarting without having armed is noticed', async () => {
  const mistake: Mistake = (appliance) => ({ ...appliance, disk: { ...appliance.disk, armTrial: async () => {} } })
  await assert.rejects(enumerate(buildOffer(), mistake, false))
})

test('mistake: forgetting that the slot is finished writes it twice, which is noticed', async () => {
  const mistake: Mistake = (appliance) => ({
    ...appliance,
    store: {
      ...appliance.store,
      async save(record) {
        await appliance.store.save({ ...record, found: record.phase === 'writing' ? null : record.found })
      },
    },
  })
  await assert.rejects(enumerate(buildOffer(), mistake, false), /is written again/)
})
