// Power cuts during the doctor's repairs: at every moment the disk starts what it started before or what it starts after,
// never half a slot, and repairing again from any state ends well.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { before, test } from 'node:test'
import { openFat } from '#format/fat32/fat32.ts'
import type { BootRepair } from '#model/actions.ts'
import { ESP_PATH } from '#model/boot-state.ts'
import { AT, BY } from '#testing/builders.ts'
import { crashStates } from '#testing/power-cut.ts'
import { cutPower } from './enumerate.ts'
import { type Judge, makeJudge } from './judge.ts'
import { type Disk, look, openDisk, record, type Work } from './record.ts'
import * as story from './stories.ts'
import { flash, provision, select } from './stories.ts'
import { makeWorld, type World } from './world.ts'

const missing = (tool: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], {
      stdio: 'ignore',
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    })
    return false
  } catch {
    return true
  }
}
const MISSING = ['mksquashfs', 'mke2fs'].filter(missing)
const skip = MISSING.length > 0 && `needs ${MISSING.join(', ')}`

let world: World
let judge: Judge
let two: Disk
let armedB: Disk

const repairOf = (repair: BootRepair): Work => ({ request: { kind: 'repair', repair, at: AT, by: BY }, release: null })
const done = async (work: Work, disk: Disk) => (await record(work, disk)).after

before(async () => {
  if (skip) return
  world = makeWorld()
  judge = makeJudge(world, null)
  two = await done(provision(world.release('one'), ['A', 'B']), story.blankDisk())
  armedB = await done(select('default', 'B'), await done(flash('B', world.release('two')), two))
})

/** The slot record with its first copy gone. */
async function halfRecord(disk: Disk): Promise<Uint8Array> {
  const device = openDisk(disk)
  const { esp } = await look(device)
  const volume = await openFat(device, esp?.offset ?? 0, esp?.length ?? 0)
  const bytes = await volume.read(ESP_PATH.slots)
  return bytes.fill(0x20, 0, 4096)
}

/** The disk with files of its ESP replaced; null removes one. */
async function damaged(disk: Disk, files: Readonly<Record<string, Uint8Array | null>>): Promise<Disk> {
  const device = openDisk(disk)
  const { esp } = await look(device)
  const volume = await openFat(device, esp?.offset ?? 0, esp?.length ?? 0)
  for (const [path, bytes] of Object.entries(files))
    if (bytes) await volume.put(path, bytes)
    else await volume.remove(path)
  return { ...disk, pages: device.pages }
}

/** `damagedWrites`: also cuts that spoil a sector; not where a directory is changed. */
async function cuts(
  name: string,
  disk: Disk,
  repair: BootRepair,
  damagedWrites = true,
  also: readonly string[] = [],
): Promise<void> {
  const work = repairOf(repair)
  const recorded = await record(work, disk)
  const [first, last] = [await judge.judge(disk), await judge.judge(recorded.after)]
  const allowed = new Set([first.boots, last.boots, ...also])
  const found = await cutPower(disk, recorded.ops, judge, allowed, { damaged: damagedWrites })
  let again = 0
  for (const { name: at, pages } of crashStates(disk.pages, recorded.ops, { subsets: 1, torn: 1 })) {
    const left = { ...disk, pages }
    const ended = await record(work, left).then(
      ({ after }) => after,
      (error: Error) => {
        assert.match(error.message, /plan\.nothing-to-repair/, `${name}, ${at}`)
        return left
      },
    )
    assert.equal((await judge.judge(ended)).boots, last.boots, `${name}, ${at}, repaired again`)
    again++
  }
  console.log(
    `figure: power-cut: ${name}: ${found.states} states, ${found.exceptions.length} exceptions; repaired again from ${again}`,
  )
  assert.deepEqual(found.exceptions.slice(0, 5), [], `${name}: allowed is ${[...allowed].join('; ')}`)
}

const LOST = { [ESP_PATH.grubenv]: null, [ESP_PATH.grubenv2]: null }
const SPOILED = { [ESP_PATH.grubenv]: new Uint8Array(1024), [ESP_PATH.grubenv2]: new Uint8Array(1024).fill(7) }

test('environment: what boots stays the same at every moment', { skip }, async () => {
  const short = { [ESP_PATH.grubenv]: new Uint8Array(512).fill(0x23) }
  await cuts('repair environment, spoiled', await damaged(two, SPOILED), 'environment')
  await cuts('repair environment, lost', await damaged(two, LOST), 'environment', false)
  await cuts('repair environment, short', await damaged(two, short), 'environment', false)
  const spoiled = await damaged(armedB, { [ESP_PATH.grubenv]: new Uint8Array(1024) })
  await cuts('repair environment, one copy spoiled in a trial', spoiled, 'environment')
  // Lost, the good slot boots; once there is a block again, the trial that is still wanted is counted in it.
  const trial = ['B (two), counted, 2 left']
  await cuts('repair environment, lost during a trial', await damaged(armedB, LOST), 'environment', false, trial)
  const header = Buffer.from('# GRUB Environment Block\n'.padEnd(1024, '#'))
  const empty = await damaged(armedB, { [ESP_PATH.grubenv]: header })
  await cuts('repair environment, the first copy says nothing', empty, 'environment')
})

test('ab_state: what boots stays the same at every moment', { skip }, async () => {
  await cuts('repair ab_state, damaged', await damaged(two, { ab_state: new Uint8Array(25).fill(0x41) }), 'ab-state')
  await cuts('repair ab_state, missing', await damaged(two, { ab_state: null }), 'ab-state', false)
})

test('slot record: writing it never changes what boots, nor claims what is not there', { skip }, async () => {
  const lost = await damaged(two, { [ESP_PATH.slots]: new Uint8Array(8192).fill(0x20) })
  await cuts('repair slot record, lost', lost, 'slot-record', false)
  const record = await damaged(two, { [ESP_PATH.slots]: await halfRecord(two) })
  await cuts('repair slot record, one copy damaged', record, 'slot-record')
})

test('both bad: the intact slot boots as a trial or what booted before', { skip }, async () => {
  const bad = async (disk: Disk) => await done(select('bad', 'B', 'test'), await done(select('bad', 'A', 'test'), disk))
  await cuts('repair both bad', await bad(two), 'both-bad')
  const device = openDisk(await bad(armedB))
  const { slots } = await look(device)
  device.pages.write((slots?.A.offset ?? 0) + 100_000, new Uint8Array(512).fill(1))
  const half = { ...two, pages: device.pages }
  const recorded = await record(repairOf('both-bad'), half)
  assert.match((await judge.judge(recorded.after)).boots, /^B \(two\), counted/)
})
