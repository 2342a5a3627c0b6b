// The update cycle's rules, one by one: what is refused, what is waited for, what is tried again, what is given up, and
// what of upstream's defects must not come back. The power cuts are in cycle-crash.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError, finding } from '#base/errors.ts'
import { armTrial, factoryState } from '#model/boot-state.ts'
import { buildContent, buildRecords } from '#testing/builders.ts'
import { BUILT, buildOffer, openUpdateWorld, PowerCut, SETTINGS, type World } from '#testing/update-world.ts'
import { createCycle } from './cycle.ts'
import { backOffMs, LIMITS, verdictOn, wireCodeOf } from './cycle-errors.ts'
import type { CycleState } from './cycle-types.ts'

const never = new AbortController().signal
const open = (world: World) => createCycle(world.appliance, world.deps)
const ANY_TIME = buildOffer({ window: null })
const HOUR = 3_600_000

const mustWait = (state: CycleState) => {
  assert.ok(state.state === 'waiting', JSON.stringify(state))
  return state
}

/** Steps until it does not wait for time any more, letting the time pass. */
async function run(world: World, most = 60): Promise<CycleState> {
  const cycle = open(world)
  for (let steps = 0; steps < most; steps++) {
    const state = await cycle.step(never)
    if (state.state !== 'waiting' || !state.until) return state
    world.durable.now = state.until
  }
  throw new Error('it never ended')
}

const refusedWith = async (world: World, offer = ANY_TIME): Promise<string> => {
  const answer = await open(world).accept(offer)
  assert.ok(!answer.accepted)
  assert.equal(world.effects.length, 0, 'a refusal leaves nothing behind')
  return answer.findings[0].code
}

test('what runs already is not installed again', async () => {
  const records = buildRecords({ A: { state: 'written', content: buildContent({ version: '2.0.0' }) } })
  assert.equal(await refusedWith(openUpdateWorld({ records })), 'update.already-installed')
  const triple = buildContent({ version: null, sha256: '55'.repeat(32) })
  const offer = buildOffer({ sha256: '55'.repeat(32) })
  const world = openUpdateWorld({ records: buildRecords({ A: { state: 'written', content: triple } }) })
  assert.equal(await refusedWith(world, offer), 'update.already-installed')
})

test('a version that was rolled back is not tried again by itself, but may be ordered anew', async () => {
  const entry = {
    version: '2.0.0',
    update_id: 'old',
    release_digest: null,
    at: '2026-11-01T00:00:00Z',
    reason: 'unhealthy',
  }
  const world = openUpdateWorld({ rolledBack: [entry] })
  const code = 'update.rolled-back-before'
  assert.equal(await refusedWith(world, buildOffer({ origin: 'fleet', updateId: 'new' })), code)
  assert.equal(await refusedWith(world, buildOffer({ origin: 'channel', updateId: 'new' })), code)
  assert.equal(await refusedWith(world, buildOffer({ origin: 'order', updateId: 'old' })), code)
  assert.ok((await open(world).accept(buildOffer({ origin: 'order', updateId: 'new' }))).accepted)
})

test('an update whose end the server does not know yet is not begun again', async () => {
  const outbox = [{ at: '2026-11-01T00:00:00Z', update_id: 'update-1', status: 'failed' }] as const
  assert.equal(await refusedWith(openUpdateWorld({ outbox: [...outbox] })), 'update.already-ended')
})

test('while the running slot is on trial the standby slot is the only way back and is not written', async () => {
  const state = { ...armTrial(factoryState('B'), 'A').after, left: 2 }
  assert.equal(await refusedWith(openUpdateWorld({ state })), 'update.trial-running')
  const world = openUpdateWorld()
  await open(world).accept(ANY_TIME)
  world.durable.state = state
  const waits = mustWait(await open(world).step(never))
  assert.equal(waits.for, 'trial')
  assert.equal(waits.finding.code, 'update.trial-running')
})

test('offers that cannot be used are refused: no id, a version that is no file name, no address, a bad window', async () => {
  for (const change of [
    { updateId: '' },
    { version: '../1' },
    { url: 'ftp://x/y' },
    { origin: 'local', url: 'x.img' },
  ] as const)
    assert.equal(await refusedWith(openUpdateWorld(), buildOffer(change)), 'update.bad-offer')
  const window = { start: '2', end: '05:00' }
  assert.equal(await refusedWith(openUpdateWorld(), buildOffer({ window })), 'window.bad-time')
})

test('one update at a time; what the channel found gives way to an order', async () => {
  const world = openUpdateWorld()
  const cycle = open(world)
  await cycle.accept(buildOffer({ origin: 'channel', updateId: 'found' }))
  const order = await cycle.accept(buildOffer({ origin: 'order', updateId: 'ordered' }))
  assert.ok(order.accepted)
  const other = await cycle.accept(buildOffer({ origin: 'order', updateId: 'later' }))
  assert.ok(!other.accepted)
  assert.equal(other.findings[0].code, 'update.another-under-way')
  assert.equal(world.durable.record?.update_id, 'ordered')
})

test('defect 6: the same update offered again, whatever the server thinks of it, goes on; its window may have moved', async () => {
  const world = openUpdateWorld()
  world.fails.set('write ends', new EngineError('download.unreachable', { server: 'x', reason: 'y' }))
  await open(world).accept(buildOffer())
  assert.equal(mustWait(await open(world).step(never)).for, 'back-off')
  world.pass(HOUR)
  const again = await open(world).accept(ANY_TIME)
  assert.ok(again.accepted && again.again)
  assert.equal((await open(world).step(never)).state, 'rebooting')
})

test('defect 4: before the window opens nothing is selected; a power cycle at noon starts the old slot', async () => {
  const world = openUpdateWorld()
  await open(world).accept(buildOffer())
  const waits = mustWait(await open(world).step(never))
  assert.deepEqual([waits.for, waits.finding.code], ['window', 'update.waits-window'])
  assert.equal(waits.until?.toISOString(), '2026-11-21T02:00:00.000Z')
  assert.equal(world.durable.state.wanted, 'A')
  world.start()
  assert.equal(world.durable.running, 'A')
})

test('defect 14: however long the window stays shut, it waits and neither goes ahead nor gives up', async () => {
  const world = openUpdateWorld()
  await open(world).accept(buildOffer({ window: { start: '02:00', end: '05:00', timezone: 'UTC', days: ['friday'] } }))
  for (let hours = 0; hours < 100; hours++, world.pass(HOUR))
    assert.equal(mustWait(await open(world).step(never)).for, 'window')
  assert.equal(world.durable.record?.phase, 'ready')
})

test("an update's own window wins over the local one, which holds when it has none", async () => {
  const world = openUpdateWorld()
  world.settings = { ...SETTINGS, window: { start: '21:00', end: '23:00', timezone: 'UTC' } }
  await open(world).accept(buildOffer())
  assert.equal(mustWait(await open(world).step(never)).for, 'window')
  const other = openUpdateWorld()
  other.settings = { ...SETTINGS, window: { start: '03:00', end: '04:00', timezone: 'UTC' } }
  await open(other).accept(ANY_TIME)
  assert.equal(mustWait(await open(other).step(never)).until?.toISOString(), '2026-11-21T03:00:00.000Z')
})

test('approval: it waits without an end, goes on when a person allows it, and that is durable', async () => {
  const world = openUpdateWorld()
  await open(world).accept(buildOffer({ window: null, requireApproval: true }))
  const waits = mustWait(await open(world).step(never))
  assert.deepEqual([waits.for, waits.until, waits.finding.code], ['approval', null, 'update.waits-approval'])
  assert.ok(await open(world).approve())
  assert.equal((await open(world).step(never)).state, 'rebooting')
})

test('the baseline is what the probes said just before the switch; a probe that fails then does not stop the update', async () => {
  const world = openUpdateWorld()
  const result = { critical: true, duration_ms: 1 }
  world.results = { network: { ...result, passed: true }, ntp: { ...result, passed: false } }
  await open(world).accept(ANY_TIME)
  assert.equal((await open(world).step(never)).state, 'rebooting')
  assert.deepEqual(world.durable.record?.baseline, { network: true, ntp: false })
})

test('a clock before the build of these programs is wrong: it waits, and goes on when the clock is put right', async () => {
  const world = openUpdateWorld()
  await open(world).accept(buildOffer())
  const right = world.durable.now
  world.durable.now = new Date(BUILT.getTime() - 1)
  const waits = mustWait(await open(world).step(never))
  assert.deepEqual([waits.for, waits.finding.code], ['clock', 'update.clock-wrong'])
  world.durable.now = right
  assert.equal(mustWait(await open(world).step(never)).for, 'window')
  world.durable.now = new Date(0)
  assert.equal(mustWait(await open(world).step(never)).for, 'clock', 'a window cannot be judged either')
  for (const code of ['release.from-future', 'trust.signature-future'] as const) assert.equal(verdictOn(code), 'clock')
})

test('disk full: said to the server once, waited for, never given up', async () => {
  const world = openUpdateWorld()
  await open(world).accept(buildOffer({ window: null, url: 'https://x.example/2.0.0.img' }))
  for (let times = 0; times < 60; times++) {
    world.fails.set('download', new EngineError('download.disk-full', { path: '/s', needed: 2, free: 1 }))
    assert.equal(mustWait(await open(world).step(never)).for, 'space')
    world.pass(HOUR)
  }
  const told = world.durable.outbox.map(({ status, error_code }) => `${status} ${error_code ?? ''}`.trim())
  assert.deepEqual(told, ['downloading', 'downloading DISK_FULL'])
  assert.equal((await open(world).step(never)).state, 'rebooting')
})

test('server gone: back-off that grows, survives the process, and ends at a bound with a final failed', async () => {
  const world = openUpdateWorld()
  await open(world).accept(ANY_TIME)
  const gone = new EngineError('download.unreachable', { server: 'https://x', reason: 'it refuses the connection' })
  let attempts = 0
  let longest = 0
  for (; attempts < 100; attempts++) {
    world.fails.set('write begins', gone)
    const state = await open(world).step(never)
    if (state.state === 'failed') {
      assert.equal(state.finding.code, 'download.unreachable')
      assert.equal(state.wire, 'DOWNLOAD_ERROR')
      break
    }
    const { until } = mustWait(state)
    assert.ok(until)
    const early = mustWait(await open(world).step(never))
    assert.equal(early.until?.getTime(), until.getTime(), 'another process waits as long')
    longest = Math.max(longest, until.getTime() - world.durable.now.getTime())
    world.durable.now = until
  }
  assert.equal(attempts + 1, LIMITS.many)
  assert.equal(longest, HOUR)
  assert.equal(world.durable.record, null)
  assert.equal(world.statuses().at(-1), 'failed')
  assert.equal(world.durable.outbox.filter(({ error_code }) => error_code === 'DOWNLOAD_ERROR').length, 2)
})

test('a connection that breaks again and again but brings more each time is not given up', async () => {
  const world = openUpdateWorld()
  const cycle = open(world)
  await cycle.accept(ANY_TIME)
  let done = 0
  const { disk } = world.appliance
  const writing = {
    ...disk,
    writeStandby: (request: Parameters<typeof disk.writeStandby>[0]) => {
      done += 10
      request.emit({ type: 'progress', step: 1, phase: 'write', doneBytes: done, totalBytes: 10_000 })
      throw new EngineError('download.interrupted', { server: 'x', received: done, reason: 'y' })
    },
  }
  const bad = createCycle({ ...world.appliance, disk: writing }, world.deps)
  for (let times = 0; times < 200; times++) {
    const { until } = mustWait(await bad.step(never))
    assert.ok(until)
    world.durable.now = until
  }
  assert.equal(world.durable.record?.attempts, 1)
})

test('wrong bytes are fetched again twice, then it is over: CHECKSUM_MISMATCH, reported once as failed', async () => {
  const world = openUpdateWorld()
  await open(world).accept(ANY_TIME)
  const wrong = new EngineError('release.checksum-mismatch', { name: 'x', expected: 'a', found: 'b' })
  for (let times = 1; times < LIMITS.few; times++) {
    world.fails.set('write ends', wrong)
    const { until } = mustWait(await open(world).step(never))
    assert.ok(until)
    world.durable.now = until
  }
  world.fails.set('write ends', wrong)
  const state = await open(world).step(never)
  assert.ok(state.state === 'failed' && state.wire === 'CHECKSUM_MISMATCH')
  assert.equal(world.durable.record, null)
  assert.equal(world.statuses().filter((status) => status === 'failed').length, 1)
  assert.equal(world.durable.state.wanted, 'A')
})

test('what is not signed, too old or for another product ends at once', async () => {
  const cases = { 'trust.unknown-key': 'SIGNATURE_INVALID', 'release.older-counter': 'OLDER_RELEASE' } as const
  for (const [code, wire] of Object.entries(cases)) {
    const world = openUpdateWorld()
    world.fails.set('write begins', new EngineError(code as keyof typeof cases, {}))
    await open(world).accept(ANY_TIME)
    const state = await open(world).step(never)
    assert.ok(state.state === 'failed' && state.wire === wire, JSON.stringify(state))
  }
})

test('wire codes are upper case and at most 50 characters, whatever the error', () => {
  for (const code of ['own.version-differs', 'update.cancelled', 'cli.bug', 'image.not-squashfs', 'gate.busy'] as const)
    assert.match(wireCodeOf(code), /^[A-Z_]{1,50}$/)
  assert.equal(wireCodeOf('write.verify-failed'), 'WRITE_FAILED')
  assert.equal(wireCodeOf('download.stalled'), 'TIMEOUT')
  assert.equal(wireCodeOf('download.disk-full'), 'DISK_FULL')
  assert.deepEqual(
    [1, 2, 3, 20].map((attempts) => backOffMs(attempts, 0.5)),
    [60_000, 120_000, 240_000, HOUR],
  )
})

test('an update that the server has dropped is given up when it says so, before anything is selected', async () => {
  for (const [origin, rolloutId, isDropped] of [
    ['fleet', 'r', true],
    ['order', 'r', true],
    ['order', null, false],
    ['channel', null, false],
  ] as const) {
    const world = openUpdateWorld()
    const { outbox } = world.appliance
    const offer = buildOffer({ window: null, origin, rolloutId })
    const flush = async () => ({ sent: 1, left: 0, unknownUpdates: [offer.updateId] })
    const cycle = createCycle({ ...world.appliance, outbox: { ...outbox, flush } }, world.deps)
    await cycle.accept(offer)
    const { state } = await cycle.step(never)
    assert.equal(state, isDropped ? 'cancelled' : 'rebooting', `${origin} ${rolloutId}`)
    assert.equal(world.durable.record === null, isDropped)
    assert.equal(world.durable.state.wanted, isDropped ? 'A' : 'B')
  }
})

test('cancelled half-way: writing stops, the record is gone, the slot stays incomplete, nothing more is reported', async () => {
  const world = openUpdateWorld()
  const cycle = open(world)
  await cycle.accept(ANY_TIME)
  const begun = Promise.withResolvers<void>()
  world.onWrite = async (signal) => {
    begun.resolve()
    await new Promise<void>((stop) => signal.addEventListener('abort', () => stop(), { once: true }))
    throw signal.reason
  }
  const step = cycle.step(never)
  await begun.promise
  assert.equal((await cycle.current()).progress?.doneBytes, 500)
  assert.equal(await cycle.cancel('another', 'x'), false)
  assert.equal(await cycle.cancel('update-1', 'the rollout was paused'), true)
  const state = await step
  assert.ok(state.state === 'cancelled')
  assert.match(state.reason, /rollout was paused/)
  assert.equal(world.durable.record, null)
  assert.equal(world.durable.records.B.state, 'incomplete')
  assert.deepEqual(world.statuses(), ['downloading'])
})

test('a record that another process cleared ends the step; once the slot is selected nothing is cancelled any more', async () => {
  const world = openUpdateWorld()
  const cycle = open(world)
  await cycle.accept(ANY_TIME)
  world.onWrite = async () => {
    // Another process cleared the record meanwhile.
    world.durable.record = null
  }
  assert.equal((await cycle.step(never)).state, 'cancelled')
  await cycle.accept(ANY_TIME)
  world.onWrite = async () => {}
  assert.equal((await cycle.step(never)).state, 'rebooting')
  assert.equal(await cycle.cancel('update-1', 'too late'), false)
})

test('told to stop, it stops where it is and says so; the next step goes on', async () => {
  const world = openUpdateWorld()
  await open(world).accept(ANY_TIME)
  const stop = new AbortController()
  world.onWrite = async (signal) => {
    stop.abort()
    if (signal.aborted) throw new EngineError('job.cancelled')
  }
  assert.equal(mustWait(await open(world).step(stop.signal)).for, 'stopped')
  world.onWrite = async () => {}
  assert.equal((await open(world).step(never)).state, 'rebooting')
})

test('a slot that was changed after it was written is written again, not started', async () => {
  const world = openUpdateWorld()
  await open(world).accept(buildOffer())
  mustWait(await open(world).step(never))
  world.durable.records = buildRecords({ B: { state: 'written', content: buildContent({ version: '0.9.0' }) } })
  const changed = mustWait(await open(world).step(never))
  assert.equal(changed.finding.code, 'update.slot-changed')
  assert.equal(world.durable.record?.phase, 'writing')
  assert.equal((await run(world)).state, 'rebooting')
  assert.equal(world.durable.finished, 2)
})

test('a slot whose bytes differ when it is armed is written again', async () => {
  const world = openUpdateWorld()
  await open(world).accept(ANY_TIME)
  world.fails.set('arm', new EngineError('slot.content-differs', { slot: 'B', expected: 'a', found: 'b' }))
  assert.equal(mustWait(await open(world).step(never)).finding.code, 'slot.content-differs')
  assert.equal(world.durable.state.wanted, 'A')
  world.durable.records = buildRecords()
  assert.equal((await run(world)).state, 'rebooting')
})

test('an error after the slot was armed does not take the record away from it', async () => {
  const world = openUpdateWorld()
  await open(world).accept(ANY_TIME)
  const { disk } = world.appliance
  const stale = {
    ...disk,
    async armTrial(slot: 'A' | 'B') {
      await disk.armTrial(slot)
      throw new EngineError('own.esp-stale', { mount: '/boot', file: 'ab_state' })
    },
  }
  const state = await createCycle({ ...world.appliance, disk: stale }, world.deps).step(never)
  assert.equal(state.state, 'rebooting')
})

test('when the restart cannot be started it is asked for again, inside the window only', async () => {
  const world = openUpdateWorld()
  await open(world).accept(buildOffer())
  const { until } = mustWait(await open(world).step(never))
  assert.ok(until)
  world.durable.now = until
  world.fails.set('reboot', new EngineError('tool.missing', { tool: 'reboot', remedy: 'x' }))
  assert.equal(mustWait(await open(world).step(never)).finding.code, 'update.reboot-failed')
  assert.equal(world.durable.state.wanted, 'B')
  world.pass(6 * HOUR)
  assert.equal(mustWait(await open(world).step(never)).for, 'window')
  assert.equal(world.durable.state.wanted, 'A', 'taken back: a power cycle at noon must not activate it')
  assert.equal((await run(world)).state, 'rebooting')
})

test('what a person installs is selected without a window and restarted only when a person says so', async () => {
  const world = openUpdateWorld()
  const local = buildOffer({ origin: 'local', url: '/media/2.0.0.bundle', window: null, updateId: 'local-1' })
  world.durable.downloaded = false
  const cycle = createCycle(world.appliance, world.deps)
  await cycle.accept(local)
  // A local release says its version itself: the fake disk takes it from the offer.
  const { disk } = world.appliance
  const named = {
    ...disk,
    writeStandby: (request: Parameters<typeof disk.writeStandby>[0]) =>
      disk.writeStandby({ ...request, version: '2.0.0' }),
  }
  const person = createCycle({ ...world.appliance, disk: named }, world.deps)
  const waits = mustWait(await person.step(never))
  assert.deepEqual([waits.for, waits.finding.code], ['approval', 'update.waits-restart'])
  assert.equal(world.durable.state.wanted, 'B')
  assert.deepEqual(world.statuses(), [], 'the server does not know it')
  await person.approve()
  assert.equal((await person.step(never)).state, 'rebooting')
})

test('what a person installs fails at once, without a second attempt', async () => {
  const world = openUpdateWorld()
  await open(world).accept(buildOffer({ origin: 'local', url: '/media/x.bundle', window: null }))
  world.fails.set('write begins', new EngineError('disk.busy', { disk: '/dev/sda', reason: 'x' }))
  assert.equal((await open(world).step(never)).state, 'failed')
  assert.equal(world.durable.record, null)
})

test('two processes do not step at once', async () => {
  const world = openUpdateWorld()
  const holder = 'twinslot-agent (process 7)'
  const takeTurn = () => Promise.reject(new EngineError('update.busy', { holder }))
  await open(world).accept(ANY_TIME)
  const waits = mustWait(await createCycle(world.appliance, { ...world.deps, takeTurn }).step(never))
  assert.deepEqual([waits.for, waits.finding], ['turn', finding('update.busy', { holder })])
  assert.equal(world.durable.record?.phase, 'accepted')
})

test('broken settings and a full data partition are waited for, not taken for the end of the update', async () => {
  const world = openUpdateWorld()
  await open(world).accept(ANY_TIME)
  world.fails.set('settings', new EngineError('settings.yaml-syntax', { file: 'f', line: 1, column: 1, reason: 'r' }))
  assert.equal(mustWait(await open(world).step(never)).for, 'back-off')
  world.fails.set('save switching', new EngineError('settings.not-saved', { file: 'f', reason: 'no space left' }))
  world.fails.set('save ready', new EngineError('settings.not-saved', { file: 'f', reason: 'no space left' }))
  world.pass(HOUR)
  assert.equal(mustWait(await open(world).step(never)).for, 'back-off')
  world.pass(HOUR)
  assert.equal((await open(world).step(never)).state, 'rebooting')
})

test('on the new slot, and after a fall-back, the cycle leaves the judgment to the gate', async () => {
  const world = openUpdateWorld()
  await open(world).accept(ANY_TIME)
  await open(world).step(never)
  world.start()
  assert.equal(world.durable.running, 'B')
  assert.equal((await open(world).step(never)).state, 'with-gate')
  for (let boots = 0; boots < 3; boots++) world.start()
  assert.equal(world.durable.running, 'A')
  const before = world.effects.length
  assert.equal((await open(world).step(never)).state, 'with-gate')
  assert.equal(world.effects.length, before)
})

test('when the slots changed places by hand, the other one becomes the target', async () => {
  const records = buildRecords({ B: { state: 'written', content: buildContent({ version: '0.9.0' }) } })
  const world = openUpdateWorld({ records })
  await open(world).accept(ANY_TIME)
  world.durable.running = 'B'
  world.durable.state = factoryState('B')
  assert.equal((await open(world).step(never)).state, 'rebooting')
  assert.equal(world.durable.record?.target_partition, 'A')
})

test('an update of the channel says nothing to the server, whose statuses are about its own', async () => {
  const world = openUpdateWorld()
  await open(world).accept(buildOffer({ origin: 'channel', window: null }))
  assert.equal((await open(world).step(never)).state, 'rebooting')
  assert.deepEqual(world.statuses(), [])
})

test('when the probes outlast the window, it waits for the next one', async () => {
  const world = openUpdateWorld({ now: new Date('2026-11-21T04:59:59Z') })
  const probe = async () => {
    world.pass(300_000)
    return {}
  }
  const cycle = createCycle(world.appliance, { ...world.deps, probe })
  await cycle.accept(buildOffer())
  const waits = mustWait(await cycle.step(never))
  assert.deepEqual([waits.for, waits.until?.toISOString()], ['window', '2026-11-22T02:00:00.000Z'])
  assert.equal(world.durable.record?.phase, 'ready')
})

test('a final failure survives a power cut at any effect: reported as failed, cleared, not begun again', async () => {
  const fail = (world: World) =>
    world.fails.set('write begins', new EngineError('release.expired', { expired: 'x', now: 'y' }))
  for (const side of ['before', 'after'] as const)
    for (let at = 1; at <= 8; at++) {
      const world = openUpdateWorld()
      await open(world).accept(ANY_TIME)
      fail(world)
      world.cut = { at, side }
      const last = await open(world)
        .step(never)
        .catch((error) => {
          if (!(error instanceof PowerCut)) throw error
          world.cut = null
          if (!world.durable.record?.failed) fail(world)
          return open(world).step(never)
        })
      assert.ok(['failed', 'idle'].includes(last.state), `${side} ${at}: ${last.state}`)
      assert.equal(world.durable.record, null)
      assert.equal(world.statuses().at(-1), 'failed')
      assert.equal(world.durable.finished, 0)
    }
})
