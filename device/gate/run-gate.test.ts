// The gate's run, case by case: upstream's topics (no update, healthy, unhealthy, third attempt, wrong slot, mark good), the
// named defects, and what happens when an effect fails.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { blockCounts } from '#format/boot-start.ts'
import { factoryFiles } from '#format/boot-state.ts'
import { armTrial, confirm, goBack, isProven, select, trialBoot } from '#model/boot-state.ts'
import type { ProbeResults } from '#model/health.ts'
import { GateWorld, probeSays, sampleUpdate } from '#testing/gate-world.ts'
import { readBootCount, updateStore, writeBootCount } from '../update/store.ts'
import { gateMemoryStore } from './memory-store.ts'
import { runGate } from './run-gate.ts'

const folder = mkdtempSync(join(tmpdir(), 'gate-run-'))
after(() => rmSync(folder, { recursive: true }))

const notes: string[] = []
const run = (world: GateWorld, results: ProbeResults = probeSays(true), signal = new AbortController().signal) =>
  runGate({ appliance: world.appliance, signal, probe: async () => results, note: (line) => notes.push(line) })

const world = () => new GateWorld(folder)
/** B runs as a trial, at its n-th boot; the earlier ones never reached the gate. */
function trial(boot = 1, update: Parameters<GateWorld['arm']>[0] = sampleUpdate()): GateWorld {
  const made = world()
  made.arm(update)
  for (let i = 0; i < boot; i++) made.boot()
  assert.equal(made.running, 'B')
  made.effects = []
  return made
}
const statuses = (made: GateWorld) => made.reports.map(({ status }) => status)

test('nothing pending and confirmed: exit code 0, and only the results are kept', async () => {
  const made = world()
  assert.deepEqual([(await run(made)).exit, made.effects], [0, ['save memory']])
  assert.equal(made.memory?.gated, 0)
})

test('a confirmed slot that is unhealthy is told with exit code 1, and never restarted or left', async () => {
  const made = world()
  for (let i = 0; i < 5; i++) {
    made.boot()
    const { exit, health } = await run(made, probeSays(false))
    assert.deepEqual([exit, health], [1, 'unhealthy'])
  }
  assert.deepEqual([made.reboots, made.state.wanted, made.running], [0, 'A', 'A'])
})

test('a healthy trial is confirmed, then reported as succeeded with its results', async () => {
  const made = trial()
  const { exit, action } = await run(made)
  assert.deepEqual([exit, action], [0, 'confirm'])
  assert.deepEqual(statuses(made), ['verifying', 'succeeded'])
  assert.deepEqual([made.reports[0].boot_attempts, made.reports[1].health_check_result], [1, probeSays(true)])
  assert.ok(made.effects.indexOf('confirm grubenv') < made.effects.indexOf('put succeeded'))
  assert.ok(made.effects.indexOf('put succeeded') < made.effects.indexOf('clear'))
  assert.deepEqual([made.state.good, made.state.wanted, made.update], ['B', 'B', null])
})

test('a degraded trial is confirmed: advisory failures roll nothing back', async () => {
  const made = trial()
  const { exit, health } = await run(made, probeSays(false, { critical: false }))
  assert.deepEqual([exit, health, made.state.good], [0, 'degraded', 'B'])
})

test('a trial that mounts less than the release before is not confirmed; a confirmed slot lives on without, degraded', async () => {
  const missing = {
    partitions: { passed: false, error: 'DATA is not mounted at /data', critical: false, duration_ms: 0 },
  }
  const made = trial()
  const { exit, health, action } = await run(made, { ...probeSays(true), ...missing })
  assert.deepEqual([exit, health, action, made.state.good], [1, 'unhealthy', 'retry', 'A'])
  const before = trial(1, sampleUpdate({ baseline: { network: true, partitions: false } }))
  assert.equal((await run(before, { ...probeSays(true), ...missing })).action, 'confirm')
  const confirmed = world()
  confirmed.boot()
  const lives = await run(confirmed, { ...probeSays(true), ...missing })
  assert.deepEqual([lives.exit, lives.health, confirmed.reboots], [0, 'degraded', 0])
})

test('a probe that failed in the recorded baseline does not count against the new slot', async () => {
  const made = trial(1, sampleUpdate({ baseline: { network: false } }))
  const { exit, health, results } = await run(made, probeSays(false))
  assert.deepEqual([exit, health, results.network.failed_before, made.state.good], [0, 'degraded', true, 'B'])
  const passedBefore = trial(1, sampleUpdate({ baseline: { network: true } }))
  assert.equal((await run(passedBefore, probeSays(false))).health, 'unhealthy')
})

test('an unhealthy trial with tries left is reported, kept on record and restarted', async () => {
  const made = trial()
  const { exit, action, rebooting } = await run(made, probeSays(false))
  assert.deepEqual([exit, action, rebooting, made.reboots], [1, 'retry', true, 1])
  assert.deepEqual(statuses(made), ['verifying', 'verifying'])
  assert.match(
    made.reports[1].error_message ?? '',
    /^Health check failed, will retry \(boot 1 of 3\): network: answered 503/,
  )
  assert.deepEqual([made.memory?.gated, made.memory?.results], [1, probeSays(false)])
  assert.deepEqual([made.update?.phase, await readBootCount({ state: folder })], ['verifying', 1])
  assert.ok(made.effects.indexOf('save memory') < made.effects.indexOf('put verifying'))
})

test('the third failed boot goes back: version on record, other slot selected, report, restart, exit code 2', async () => {
  const made = trial(1)
  await run(made, probeSays(false))
  made.boot()
  await run(made, probeSays(false))
  made.boot()
  made.effects = []
  const { exit } = await run(made, probeSays(false))
  assert.equal(exit, 2)
  const order = ['add rolled back', 'record fall-back', 'go back ab_state', 'put rolled_back', 'clear', 'reboot']
  assert.deepEqual(
    made.effects.filter((effect) => order.includes(effect)),
    order,
  )
  assert.deepEqual([made.state.wanted, made.state.good, made.update], ['A', 'A', null])
  const told = made.reports.at(-1)
  assert.deepEqual([told?.status, told?.boot_attempts, told?.error_code], ['rolled_back', 3, 'HEALTH_CHECK_FAILED'])
  assert.match(
    told?.error_message ?? '',
    /^Version 2\.0 in slot B failed its health check in 3 boots \(network: answered 503\)/,
  )
  const { slot, version, boots, gated, reason, probes } = made.records.fallback ?? assert.fail()
  assert.deepEqual([slot, version, boots, gated, reason], ['B', '2.0', 3, 3, 'unhealthy'])
  assert.deepEqual(probes, [{ name: 'network', error: 'answered 503' }])
  assert.deepEqual(
    made.rolledBack.map(({ version }) => version),
    ['2.0'],
  )
  made.boot()
  assert.deepEqual(
    [made.running, (await run(made)).exit, statuses(made).filter((status) => status === 'rolled_back').length],
    ['A', 0, 1],
  )
})

test('defect 1: three kernel panics count although no gate ever ran, and the old slot tells it', async () => {
  const made = trial(3)
  made.boot()
  assert.equal(made.running, 'A')
  const { exit } = await run(made)
  assert.equal(exit, 0)
  assert.deepEqual([made.state.wanted, made.state.failed, made.state.trying, made.update], ['A', null, null, null])
  const told = made.reports.at(-1)
  assert.deepEqual([told?.status, told?.boot_attempts, told?.error_code], ['rolled_back', 3, 'BOOT_FAILED'])
  assert.match(told?.error_message ?? '', /Version 2\.0 in slot B gave no word of its health gate in 3 boots/)
  assert.deepEqual([made.records.fallback?.reason, made.records.fallback?.gated], ['boot-failed', 0])
  assert.deepEqual(
    made.rolledBack.map(({ version }) => version),
    ['2.0'],
  )
})

test('the reason of a fall-back names the boots that reached the gate and what their probes said', async () => {
  const made = trial(1)
  await run(made, probeSays(false))
  made.boot()
  made.boot()
  made.boot()
  assert.equal(made.running, 'A')
  await run(made)
  const { reason, boots, gated, bootId, probes } = made.records.fallback ?? assert.fail()
  assert.deepEqual([reason, boots, gated, bootId], ['boot-failed', 3, 1, 'boot-2'])
  assert.deepEqual(probes, [{ name: 'network', error: 'answered 503' }])
  assert.match(made.reports.at(-1)?.error_message ?? '', /reached its health gate 1 of 3 times in 3 boots \(network/)
  assert.deepEqual(made.reports.at(-1)?.health_check_result, probeSays(false))
})

test('defect 2: boot files that cannot be written are no silent no-op: no rolled_back, no exit code 2', async () => {
  const made = trial(3)
  made.broken = ['go back', 'record fall-back']
  const { exit, rebooting } = await run(made, probeSays(false))
  assert.deepEqual([exit, rebooting], [1, true])
  assert.ok(
    notes.at(-2)?.includes('the boot loader falls back') ||
      notes.some((line) => line.startsWith('Could not select the other slot')),
  )
  assert.deepEqual(statuses(made), ['verifying', 'verifying'])
  assert.notEqual(made.update, null)
  // The boot loader's counter is at its end: the restart comes back in A, which then tells.
  made.broken = []
  made.boot()
  assert.equal(made.running, 'A')
  await run(made)
  assert.equal(made.reports.at(-1)?.status, 'rolled_back')
})

test('defect 16: a selection that is not there when it is read back is no roll-back', async () => {
  const made = trial(3)
  const { appliance } = made
  const disk = { ...appliance.disk, goBack: async () => 'A' as const }
  const { exit } = await runGate({
    appliance: { ...appliance, disk },
    signal: new AbortController().signal,
    probe: async () => probeSays(false),
    note: (line) => notes.push(line),
  })
  assert.equal(exit, 1)
  assert.ok(!statuses(made).includes('rolled_back'))
  assert.ok(notes.some((line) => line.includes('was to be selected, but the boot files name B')))
})

test('a confirmation that is not there when it is read back is no success', async () => {
  const made = trial(1)
  const { appliance } = made
  const disk = { ...appliance.disk, confirm: async () => {} }
  const { exit, results } = await runGate({
    appliance: { ...appliance, disk },
    signal: new AbortController().signal,
    probe: async () => probeSays(true),
    note() {},
  })
  // 'gate.not-selected', in a counted trial: the restart costs a try.
  assert.deepEqual([exit, made.reboots, Object.keys(results)], [1, 1, ['gate']])
  assert.ok(!statuses(made).includes('succeeded'))
})

test('defect 15: the wrong slot runs: state and counter are both cleared', async () => {
  const made = world()
  made.update = sampleUpdate({ phase: 'rebooting' })
  await writeBootCount({ state: folder }, 2)
  assert.equal((await run(made)).exit, 0)
  assert.deepEqual([made.update, await readBootCount({ state: folder })], [null, 0])
})

test('the slot was selected but never started: reported as failed, disarmed, not banned', async () => {
  const made = world()
  made.arm()
  made.boots++
  assert.equal((await run(made)).exit, 0)
  assert.deepEqual([made.reports.at(-1)?.status, made.reports.at(-1)?.error_code], ['failed', 'NOT_STARTED'])
  assert.deepEqual([made.state.wanted, made.state.trying, made.rolledBack], ['A', null, []])
})

test('a gate that a person starts between the switch and the restart leaves the update alone', async () => {
  const made = world()
  await run(made)
  made.arm()
  made.effects = []
  assert.equal((await run(made)).exit, 0)
  assert.deepEqual([made.effects, made.state.wanted, made.update?.phase], [['save memory'], 'B', 'rebooting'])
})

test('an update that waits, or whose switch was cut off, is left to its cycle', async () => {
  for (const phase of ['accepted', 'writing', 'ready', 'switching'] as const) {
    const made = world()
    made.update = sampleUpdate({ phase })
    await run(made)
    assert.deepEqual([made.update?.phase, made.reports], [phase, []])
  }
})

test('power lost before the record said "rebooting": the new slot runs and is confirmed all the same', async () => {
  const made = trial(1, sampleUpdate({ phase: 'switching' }))
  await run(made)
  assert.deepEqual([statuses(made), made.state.good], [['verifying', 'succeeded'], 'B'])
})

test('somebody selects the old slot in the middle of the trial: rolled_back, by hand', async () => {
  const made = trial(1)
  await run(made, probeSays(false))
  made.apply('console', select(made.state, 'A'))
  made.boot()
  assert.equal((await run(made)).exit, 0)
  assert.deepEqual([made.reports.at(-1)?.status, made.reports.at(-1)?.error_code], ['rolled_back', 'OPERATOR'])
  assert.match(made.reports.at(-1)?.error_message ?? '', /was left by hand/)
})

test('somebody starts the old slot by the recovery entry in the middle of the trial: the trial ends there', async () => {
  const made = trial(1)
  made.running = 'A'
  made.boots++
  await run(made)
  assert.deepEqual([made.reports.at(-1)?.status, made.state.wanted, made.state.trying], ['rolled_back', 'A', null])
})

test("a technician's trial without an update: confirmed when healthy, left when not, nothing reported", async () => {
  const good = trial(1, null)
  assert.equal((await run(good)).exit, 0)
  assert.deepEqual([good.state.good, good.reports], ['B', []])
  const once = world()
  once.apply('once', armTrial(once.state, 'B', 1))
  once.boot()
  assert.equal((await run(once, probeSays(false))).exit, 2)
  assert.deepEqual([once.state.wanted, once.reports, once.rolledBack], ['A', [], []])
})

test('an update that no server knows is gated the same way and reported to nobody', async () => {
  const update = sampleUpdate()
  const made = trial(1, { ...update, offer: { ...update.offer, origin: 'local' } })
  assert.equal((await run(made)).exit, 0)
  assert.deepEqual([made.reports, made.update, made.state.good], [[], null, 'B'])
})

test('every start of a confirmed slot that reaches its verdict is counted anew, and nothing is written where nothing was', async () => {
  const made = world()
  made.apply('two good slots', confirm(made.state, 'B'))
  for (const health of [true, false]) {
    made.boot()
    assert.deepEqual([made.running, made.state.starts], ['B', 5])
    made.effects = []
    assert.equal((await run(made, probeSays(health))).exit, health ? 0 : 1)
    assert.deepEqual(made.effects, ['clear starts grubenv', 'clear starts grubenv2', 'save memory'])
    assert.equal(made.state.starts, 6)
  }
  made.effects = []
  await run(made)
  assert.deepEqual(made.effects, ['save memory'])
})

test('a count that cannot be cleared changes no verdict', async () => {
  const made = world()
  made.apply('two good slots', confirm(made.state, 'B'))
  made.boot()
  made.broken = ['clear starts']
  assert.deepEqual([(await run(made)).exit, made.state.starts], [0, 5])
})

test('boot files from before the count get one at the first verdict', async () => {
  const made = world()
  made.apply('old', { after: { ...made.state, starts: null }, order: ['grubenv', 'grubenv2'] })
  made.files = { ...made.files, good: null }
  made.boot()
  await run(made)
  assert.equal(made.state.starts, 6)
  assert.deepEqual(made.files.good, factoryFiles('A').good)
})

test('a confirmed slot that never comes up gives way to the other good one, which stays; both are still Good', async () => {
  const made = world()
  made.apply('two good slots', confirm(made.state, 'B'))
  for (let start = 0; start < 6; start++) {
    made.boot()
    assert.equal(made.running, 'B')
  }
  made.boot()
  assert.equal(made.running, 'A')
  const { exit, standing } = await run(made)
  assert.deepEqual([exit, standing.kind, made.state.wanted, made.state.good], [0, 'fell-back', 'A', 'A'])
  assert.deepEqual(
    [isProven(made.state, 'B'), made.records.fallback?.boots, made.records.fallback?.slot],
    [true, 6, 'B'],
  )
  made.boot()
  assert.equal(made.running, 'A')
})

test('a slot that stands in for one that does not load is confirmed when it is healthy, and not restarted when not', async () => {
  for (const health of [true, false]) {
    const made = world()
    made.loadable = { A: false, B: true }
    made.boot()
    const { exit, standing } = await run(made, probeSays(health))
    assert.deepEqual([exit, standing.kind, made.reboots], [health ? 0 : 1, 'stand-in', 0])
    assert.deepEqual([made.state.good, made.state.wanted], health ? ['B', 'B'] : ['A', 'A'])
  }
})

test('a stand-in that comes up unhealthy is never counted out into the rescue menu', async () => {
  const made = world()
  made.loadable = { A: false, B: true }
  for (let start = 0; start < 8; start++) {
    made.boot()
    await run(made, probeSays(false))
    assert.deepEqual([made.running, made.state.good, made.state.wanted], ['B', 'A', 'A'])
  }
})

test('both environment blocks lost in a trial: the good slot boots, and its gate writes them anew', async () => {
  const made = trial(1)
  made.files = { ...made.files, grubenv: new Uint8Array(1024), grubenv2: null }
  made.boot()
  assert.equal(made.running, 'A')
  await run(made)
  assert.deepEqual([made.state.good, made.state.wanted], ['A', 'A'])
  assert.ok(blockCounts(made.files.grubenv) && blockCounts(made.files.grubenv2))
})

test('both environment blocks lost: the running slot is confirmed anew when it is healthy, and only then', async () => {
  const made = world()
  made.files = { ...made.files, grubenv: new Uint8Array(1024), grubenv2: null, good: null }
  assert.deepEqual([(await run(made, probeSays(false))).exit, made.state.good], [1, null])
  assert.equal(made.reboots, 0)
  assert.deepEqual([(await run(made)).exit, made.state.good], [0, 'A'])
})

test('the counter lost in the middle of a trial: the gate counts its own boots and goes back after three', async () => {
  const made = world()
  made.arm()
  made.files = { ...made.files, grubenv: new Uint8Array(1024), grubenv2: null, good: null }
  const exits: number[] = []
  for (let i = 0; i < 3; i++) {
    made.boot()
    assert.equal(made.running, 'B')
    exits.push((await run(made, probeSays(false))).exit)
  }
  assert.deepEqual([exits, made.state.wanted, made.reports.at(-1)?.status], [[1, 1, 2], 'A', 'rolled_back'])
})

test('two gates in one boot count as one', async () => {
  const made = trial(1)
  await run(made, probeSays(false))
  await run(made, probeSays(false))
  assert.equal(made.memory?.gated, 1)
})

test('confirmed, but the power went before it was told: succeeded, with the results that were kept', async () => {
  const made = trial(1)
  made.broken = ['put succeeded']
  await assert.rejects(run(made), EngineError)
  assert.equal(made.reboots, 0)
  made.broken = []
  made.boot()
  await run(made, probeSays(false))
  assert.deepEqual(
    [made.reports.at(-1)?.status, made.reports.at(-1)?.health_check_result],
    ['succeeded', probeSays(true)],
  )
})

test('confirmed, then unloadable: the update did succeed, whatever runs now', async () => {
  const made = trial(1)
  made.broken = ['put succeeded']
  await assert.rejects(run(made), EngineError)
  made.broken = []
  made.loadable.B = false
  made.boot()
  assert.equal(made.running, 'A')
  await run(made)
  assert.equal(made.reports.at(-1)?.status, 'succeeded')
})

test('settings that cannot be read are a failed check, not an end of the gate: three boots lead back', async () => {
  const made = trial(3)
  made.settings = new EngineError('tool.missing', { tool: 'x', remedy: 'y' })
  assert.equal((await run(made)).exit, 2)
  const confirmed = world()
  confirmed.settings = made.settings
  assert.equal((await run(confirmed)).exit, 1)
})

test('a data partition that cannot be written: a trial is restarted, and at its end still left', async () => {
  const early = trial(1)
  early.broken = ['save', 'put', 'add', 'clear']
  assert.deepEqual([(await run(early)).exit, early.reboots], [1, 1])
  const late = trial(3)
  late.memory = { slot: 'B', version: '2.0', updateId: 'update-1', bootId: 'boot-3', at: '', gated: 1, results: null }
  late.broken = ['put', 'add', 'clear']
  late.update = null
  late.records = { ...late.records, trial: null }
  assert.equal((await run(late, probeSays(false))).exit, 2)
})

test('a gate that cannot write its state: the slot is left, and the true reason is told from what the ESP keeps', async () => {
  const made = world()
  made.arm()
  made.broken = ['save memory']
  for (let boot = 1; boot <= 3; boot++) {
    made.boot()
    assert.equal((await run(made)).exit, 1)
  }
  made.boot()
  assert.equal(made.running, 'A')
  made.broken = []
  await run(made)
  const { fallback } = made.records
  assert.deepEqual([fallback?.reason, fallback?.gated, fallback?.updateId], ['gate-failed', 3, 'update-1'])
  const told = made.reports.at(-1)
  assert.equal(told?.status, 'rolled_back')
  assert.match(
    told?.error_message ?? '',
    /its health gate could not do its work in 3 boots \(gate: .*read-only file system/,
  )
})

test('neither data partition nor ESP can be written: it is left, and nothing is said that nobody knows', async () => {
  const made = world()
  made.arm()
  made.broken = ['save', 'note', 'put']
  for (let boot = 1; boot <= 3; boot++) {
    made.boot()
    await run(made)
  }
  made.boot()
  made.broken = []
  await run(made)
  assert.match(made.reports.at(-1)?.error_message ?? '', /gave no word of its health gate in 3 boots/)
})

test('the update is known by the note on the ESP when its record is lost at any boot, and its end is told once', async () => {
  for (const healthy of [true, false])
    for (let lost = 1; lost <= 4; lost++) {
      const made = world()
      made.arm()
      for (let boot = 1; boot <= 5; boot++) {
        made.boot()
        if (boot === lost) Object.assign(made, { update: null, memory: null, rolledBack: [] })
        const last = made.running === 'B' && made.state.good !== 'B' && boot < 3
        await run(made, probeSays(healthy && !last))
      }
      const ends = made.reports.filter(({ status }) => ['succeeded', 'rolled_back', 'failed'].includes(status))
      const wanted = healthy ? 'succeeded' : 'rolled_back'
      assert.deepEqual([...new Set(ends.map(({ status }) => status))], [wanted], `lost at boot ${lost}`)
      assert.ok(ends.every(({ update_id }) => update_id === 'update-1'))
      assert.equal(made.update, null)
      if (!healthy) assert.equal(made.rolledBack.at(-1)?.update_id ?? made.records.fallback?.updateId, 'update-1')
    }
})

test('what somebody else wrote into the slot is not taken for the update of an earlier trial', async () => {
  const made = trial(1)
  made.update = null
  const { trial: note } = made.records
  assert.ok(note)
  made.records = { ...made.records, trial: { ...note, writtenAt: '2027-01-01T00:00:00Z' } }
  await run(made)
  assert.deepEqual([made.state.good, made.reports], ['B', []])
})

test('a data partition that cannot be written keeps no confirmed slot from its verdict', async () => {
  const made = world()
  made.boot()
  made.update = sampleUpdate({ phase: 'verifying', target_partition: 'A' })
  made.broken = ['save', 'put', 'clear']
  assert.equal((await run(made)).exit, 0)
})

test('what is marked bad is not gone back to, though the boot files call it the good slot as well', async () => {
  const made = world()
  const armed = armTrial({ ...made.state, marks: { A: 'good', B: null } }, 'B').after
  const state = { ...armed, left: 0, good: 'A' as const, marks: { A: 'bad' as const, B: null } }
  made.apply('set', { after: state, order: ['ab_state', 'grubenv', 'grubenv2'] })
  made.running = 'B'
  const { action } = await run(made, probeSays(false))
  assert.deepEqual([action, made.state.marks.A, made.state.wanted], ['stuck', 'bad', 'B'])
})

test('tries used up and nothing to go back to: it stays what boots, never the rescue menu, and can be updated', async () => {
  const made = world()
  made.records = { ...made.records, A: { state: 'empty' } }
  made.apply('arm', armTrial({ ...made.state, good: null, marks: { A: 'bad', B: null } }, 'B'))
  made.update = sampleUpdate()
  for (let i = 0; i < 3; i++) made.boot()
  const { exit, action } = await run(made, probeSays(false))
  assert.deepEqual([exit, action, made.reboots], [1, 'stuck', 0])
  // No trial is open that would keep updates out, and the next start is counted again.
  assert.equal(trialBoot(made.state, 'B'), null)
  for (let start = 1; start <= 9; start++) {
    made.boot()
    assert.deepEqual([made.running, trialBoot(made.state, 'B')], ['B', ((start - 1) % 3) + 1])
    await run(made, probeSays(false))
  }
  assert.deepEqual([made.reports.at(-1)?.status, made.reports.at(-1)?.error_code], ['failed', 'NO_SLOT_TO_RETURN_TO'])
})

test('a visitor of the old slot leaves the boot files alone, and what is known of the new one', async () => {
  const made = trial(1)
  await run(made)
  const before = [made.state, made.memory]
  made.running = 'A'
  made.boots++
  assert.equal((await run(made)).exit, 0)
  assert.deepEqual([made.state, made.memory], before)
})

test('power lost between going back and telling it, and somebody looks into the bad slot first: told all the same', async () => {
  const made = trial(3)
  made.rolledBack = [{ version: '2.0', update_id: 'update-1', release_digest: null, at: '', reason: 'it was bad.' }]
  made.apply('go back', goBack(made.state, 'B', true))
  await run(made)
  assert.deepEqual([made.reports.at(-1)?.status, made.reports.at(-1)?.error_message], ['rolled_back', 'it was bad.'])
})

test('a fall-back to a slot that was never confirmed: confirmed when healthy, so that it is not counted out itself', async () => {
  const made = world()
  made.apply('lose', {
    after: { ...confirm(made.state, 'A').after, good: null, marks: { A: null, B: null } },
    order: ['grubenv', 'grubenv2'],
  })
  made.arm()
  for (let i = 0; i < 4; i++) made.boot()
  assert.equal(made.running, 'A')
  await run(made)
  assert.deepEqual([made.state.good, made.state.wanted, made.reports.at(-1)?.status], ['A', 'A', 'rolled_back'])
})

test('a gate that is told to stop judges nothing', async () => {
  const made = trial(3)
  const stop = AbortSignal.abort()
  await assert.rejects(run(made, probeSays(false), stop), { code: 'job.cancelled' })
  assert.deepEqual([made.state.wanted, made.reboots], ['B', 0])
})

test('state files that cannot be read keep no slot from its verdict: a good one stays, a trial is judged by the ESP', async () => {
  const unreadable = () =>
    Promise.reject(new EngineError('settings.file-unreadable', { file: 'x.json', reason: 'EIO' }))
  const broken = (made: GateWorld) => ({
    ...made.appliance,
    store: { ...made.appliance.store, load: unreadable, rolledBack: unreadable },
    gateMemory: { ...made.appliance.gateMemory, load: unreadable },
  })
  const lines: string[] = []
  const judge = (made: GateWorld, passed: boolean) => {
    const { signal } = new AbortController()
    const probe = async () => probeSays(passed)
    return runGate({ appliance: broken(made), signal, probe, note: (line) => lines.push(line) })
  }
  const good = world()
  good.boot()
  assert.deepEqual([(await judge(good, true)).exit, good.reboots], [0, 0])
  assert.equal(lines.filter((line) => line.includes('x.json')).length, 3)
  const bad = trial(3)
  assert.deepEqual([(await judge(bad, false)).action, bad.state.wanted], ['go-back', 'A'])
  assert.equal(statuses(bad).at(-1), 'rolled_back')
})

test('folders in the place of state files are set aside, and the slot is judged', async () => {
  const state = mkdtempSync(join(tmpdir(), 'gate-folders-'))
  for (const name of ['update_state.json', 'rolled_back.json', 'gate.json'])
    mkdirSync(join(state, 'update', name, 'x'), { recursive: true })
  const damaged: string[] = []
  const made = trial(3)
  const store = updateStore({ state }, ({ code }) => damaged.push(code))
  const gateMemory = gateMemoryStore({ state }, ({ code }) => damaged.push(code))
  const appliance = { ...made.appliance, store, gateMemory }
  const { signal } = new AbortController()
  const { action } = await runGate({ appliance, signal, probe: async () => probeSays(false), note: () => {} })
  assert.deepEqual([action, made.state.wanted], ['go-back', 'A'])
  assert.deepEqual([...new Set(damaged)], ['settings.state-damaged'])
  rmSync(state, { recursive: true })
})

test('an ESP that cannot be written is told by the exit code, and restarts nothing that runs well', async () => {
  const lost = world()
  lost.files = { ...lost.files, grubenv: new Uint8Array(1024), grubenv2: null, good: null }
  const armed = world()
  armed.arm()
  armed.loadable = { A: true, B: false }
  for (const made of [lost, armed]) {
    made.boot()
    made.broken = ['confirm', 'settle', 'clear starts']
    const { exit, action } = await run(made)
    assert.deepEqual([exit, action, made.reboots, made.running], [1, 'none', 0, 'A'])
  }
})
