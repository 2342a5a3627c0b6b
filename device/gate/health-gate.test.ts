// The program health-gate: its three forms, exit codes 0, 1 and 2, what people and other programs get to read.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { EngineError, exitAfter } from '#base/errors.ts'
import { encodeAbState } from '#format/ab-state.ts'
import { laterBootOf } from '#format/boot-start.ts'
import { armTrial, markBad } from '#model/boot-state.ts'
import { SLOTS } from '#model/slot.ts'
import { simulateBoot } from '#testing/boot-simulator.ts'
import { GateWorld } from '#testing/gate-world.ts'
import type { Appliance } from '../ports.ts'
import { healthGate } from './health-gate.ts'
import { gateMemoryStore } from './memory-store.ts'
import { parseProbes } from './probe-list.ts'

const folder = mkdtempSync(join(tmpdir(), 'gate-program-'))
after(() => rmSync(folder, { recursive: true }))

function worldWith(command: 'true' | 'false', more = ''): GateWorld {
  const world = new GateWorld(folder)
  const { probes, findings } = parseProbes(`health_checks: [{name: check, command: "${command}"}${more}]`)
  assert.deepEqual(findings, [])
  assert.ok(!(world.settings instanceof EngineError))
  world.settings = { ...world.settings, probes }
  return world
}

async function run(appliance: Appliance, argv: readonly string[] = []) {
  let value: Readonly<Record<string, unknown>> = {}
  let lines: readonly string[] = []
  const notes: string[] = []
  const code = await healthGate.run({
    argv,
    json: false,
    signal: new AbortController().signal,
    appliance,
    result(given, text) {
      value = given
      lines = text
    },
    note: (line) => notes.push(line),
  })
  return { code, value, lines, notes }
}

test('exit codes of the gate: 0 healthy, 1 will retry, 2 going back', async () => {
  const good = worldWith('true')
  good.arm()
  good.boot()
  const confirmed = await run(good.appliance)
  assert.deepEqual(
    [confirmed.code, confirmed.lines],
    [0, ['Slot B: healthy. It is confirmed and stays the slot that boots.']],
  )
  assert.deepEqual([confirmed.value.action, confirmed.value.active_partition], ['confirm', 'B'])
  const bad = worldWith('false')
  bad.arm()
  const codes: number[] = []
  for (let i = 0; i < 3; i++) {
    bad.boot()
    codes.push((await run(bad.appliance)).code)
  }
  assert.deepEqual([codes, bad.reboots, bad.state.wanted], [[1, 1, 2], 3, 'A'])
})

test('--check asks every probe once, tells each, and changes nothing', async () => {
  const world = worldWith(
    'false',
    ', {name: extra, command: "false", severity: advisory}, {name: fine, command: "true"}',
  )
  world.arm()
  world.boot()
  world.effects = []
  const { code, lines, value } = await run(world.appliance, ['--check'])
  assert.equal(code, 1)
  assert.deepEqual(lines, [
    '  check: FAILED: false ended with 1',
    '  extra: FAILED (advisory): false ended with 1',
    '  fine: passed',
    'Health: unhealthy',
  ])
  assert.deepEqual(Object.keys(value.checks as object), ['check', 'extra', 'fine'])
  assert.deepEqual([world.effects, world.flushed], [[], 0])
  assert.equal((await run(worldWith('true').appliance, ['--check'])).code, 0)
})

test('--status tells slots, update, tries, the last fall-back and the last results, and changes nothing', async () => {
  const world = worldWith('false')
  world.arm()
  world.boot()
  await run(world.appliance)
  world.boot()
  world.boot()
  world.effects = []
  const { code, lines, value } = await run(world.appliance, ['--status'])
  assert.equal(code, 0)
  assert.deepEqual(lines, [
    'Slot A: 1.0, Good',
    'Slot B: 2.0, on trial, no tries left, running',
    'Slot A boots next.',
    'Slot B is selected, but does not start: it is marked bad, has no tries left, or does not come up.',
    'Update: 2.0 for slot B, verifying',
    'Last health check: slot B, 2026-01-02T03:04:05.000Z: unhealthy',
    '  check: FAILED: false ended with 1',
  ])
  assert.deepEqual([value.trial_boot, value.boot_count, value.next_boot, value.wanted], [3, 1, 'A', 'B'])
  assert.deepEqual(world.effects, [])
  await run(world.appliance)
  world.boot()
  const later = await run(world.appliance, ['--status'])
  assert.match(later.lines.join('\n'), /Last fall-back: .*Version 2\.0 in slot B failed its health check in 3 boots/)
  assert.match(later.lines.join('\n'), /Slot B: 2\.0, Bad\nSlot A boots next\.\nUpdate: none under way/)
})

test('what is told to boot next is what the boot loader starts, in every state that two slots can be in', async () => {
  const states: ((world: GateWorld) => void)[] = [
    () => {},
    (world) => world.arm(),
    (world) => world.apply('once', armTrial(world.state, 'B', 1)),
    (world) => world.apply('bad', markBad(world.state, 'B')),
    (world) => world.apply('bad', markBad(world.state, 'A')),
    (world) => {
      for (const slot of SLOTS) world.apply('bad', markBad(world.state, slot))
    },
    // Somebody wrote ab_state by hand: the slot that is selected is marked bad.
    (world) => {
      world.apply('bad', markBad(world.state, 'B'))
      world.files = { ...world.files, ab_state: encodeAbState('B') }
    },
    (world) => {
      world.files = { ...world.files, ab_state: null, grubenv: null }
    },
  ]
  for (const [index, make] of states.entries())
    for (let starts = 0; starts <= 7; starts++) {
      const world = worldWith('true')
      make(world)
      for (let start = 0; start < starts; start++) world.files = { ...simulateBoot(world.files, world.loadable).after }
      const { value, lines } = await run(world.appliance, ['--status'])
      const { booted } = simulateBoot(world.files, world.loadable)
      const about = `state ${index} after ${starts} starts`
      assert.equal(value.next_boot, booted, about)
      const text = lines.join('\n')
      const later = laterBootOf(world.files, world.records)
      const waits = later ? `then slot ${later.slot} has its tries anew` : 'Nothing boots by itself'
      assert.ok(text.includes(booted ? `Slot ${booted} boots next.` : waits), about)
      const { wanted } = world.state
      assert.equal(
        text.includes(`Slot ${wanted} is selected, but does not start`),
        wanted !== null && wanted !== booted,
        about,
      )
    }
})

test('a second gate at the same time is refused, because it would count the boot again', async () => {
  const world = worldWith('true')
  let go = () => {}
  const held = new Promise<void>((done) => {
    go = done
  })
  let reached = () => {}
  const started = new Promise<void>((done) => {
    reached = done
  })
  const { appliance } = world
  const slow = {
    ...appliance,
    settings: async () => {
      reached()
      await held
      return appliance.settings()
    },
  }
  const first = run(slow)
  await started
  await assert.rejects(run(appliance), { code: 'gate.busy' })
  assert.equal((await run(appliance, ['--status'])).code, 0)
  go()
  assert.equal((await first).code, 0)
  assert.equal((await run(appliance)).code, 0)
})

test('an unknown flag is a mistake of use, not a gate without flags', async () => {
  for (const argv of [['--chekc'], ['--check', '--status'], ['now']])
    await assert.rejects(run(worldWith('true').appliance, argv), { code: 'gate.usage' })
  // Exit code 2 is this program's word for going back.
  assert.notEqual(exitAfter('gate.usage', false), 2)
})

test('a gate that cannot look ends with a code of its own, so that the service manager can tell it from a verdict', async () => {
  const { appliance } = worldWith('true')
  const look = async () => {
    throw new EngineError('tool.missing', { tool: 'lsblk', remedy: 'apt install it' })
  }
  const { code, notes } = await run({ ...appliance, disk: { ...appliance.disk, look } })
  assert.equal(code, 3)
  assert.match(notes.join(), /could not decide: The program lsblk is needed/)
})

test('what a gate remembers survives on disk; damage reads as nothing and is told', async () => {
  const told: string[] = []
  const store = gateMemoryStore({ state: folder }, ({ code }) => told.push(code))
  assert.equal(await store.load(), null)
  const results = { a: { passed: false, error: 'x', critical: true, duration_ms: 2 } }
  const memory = { slot: 'B', version: '2.0', updateId: 'u', bootId: 'b', at: 't', gated: 2, results } as const
  await store.save(memory)
  assert.deepEqual(await store.load(), memory)
  writeFileSync(join(folder, 'update', 'gate.json'), '{"slot":"C"}')
  assert.equal(await store.load(), null)
  assert.equal(told.length, 1)
})
