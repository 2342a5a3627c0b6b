// One wish, two doors: the command line and the console's host plan the same work for it and leave the same /config on the
// disk, whatever the files of the configuration are and wherever the layout keeps them.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { after, before, test } from 'node:test'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import type { Plan } from '#model/plan.ts'
import { readConfigOf } from '#node/config/read-config.ts'
import { openJobsBench, JOBS_SIGNAL as signal } from '#testing/jobs-bench.ts'

let room: Room
before(async () => {
  room = await openRoom()
})
after(() => room[Symbol.asyncDispose]())

const SIZE = 300_000_000

/** What masks, checks and copies might stumble over: secrets, mistakes, other alphabets, bytes that are no text, modes. */
const FILES: readonly (readonly [path: string, bytes: string | Uint8Array, mode: number])[] = [
  ['config.yaml', "api_key: 'sk-1'\r\ntls: { ca_cert: tls/ca.pem }\r\n", 0o600],
  ['updates.yaml', 'auto_update: [not, right\n', 0o644],
  ['trusted-fingerprints', `${'A'.repeat(40)}\n`, 0o444],
  ['hypernet/secrets/jwt-secret.enc', 'gAAAAA', 0o400],
  ['hypernet/secrets/empty.enc', '', 0o600],
  ['hypernet/räume/Zürich.yaml', '\uFEFFname: Zürich\n', 0o640],
  ['tls/private-key.pem', '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n', 0o400],
  ['scripts/hook', '#!/bin/sh\nexit 0\n', 0o755],
  ['cache/noise.bin', Uint8Array.of(0, 255, 254, 10, 13), 0o604],
  ['scripts/as-root', '#!/bin/sh\nid\n', 0o4755],
  ['scripts/sticky', '#!/bin/sh\n', 0o3711],
  // What its own owner may not read only root can give.
  ...(process.getuid?.() === 0
    ? ([
        ['hypernet/closed.yaml', 'a: 1\n', 0o000],
        ['hypernet/secrets/others.enc', 'gAAAAB', 0o044],
      ] as const)
    : []),
]

const LAYOUTS: Readonly<Record<string, string>> = {
  '/config inside the data partition': `name: inside
description: small
partitions:
  - { role: esp, name: ESP, size: 64 MiB, filesystem: fat32, label: ESP, mount: /boot }
  - { role: slot-a, name: SLOT-A, size: 16 MiB, filesystem: none }
  - { role: slot-b, name: SLOT-B, size: 16 MiB, filesystem: none }
  - { role: data, name: MSP-DATA, size: rest, filesystem: ext4, label: MSP-DATA, mount: /var/lib/msp }
`,
  '/config as a partition of its own': `name: own
description: small
partitions:
  - { role: esp, name: ESP, size: 64 MiB, filesystem: fat32, label: ESP, mount: /boot }
  - { role: slot-a, name: SLOT-A, size: 16 MiB, filesystem: none }
  - { role: slot-b, name: SLOT-B, size: 16 MiB, filesystem: none }
  - { role: config, name: CONFIG, size: 32 MiB, filesystem: ext4, label: CONFIG, mount: /config }
  - { role: data, name: DATA, size: rest, filesystem: ext4, label: DATA, mount: /data }
`,
}

interface Done {
  readonly plan: Plan
  readonly disk: string
}

let count = 0
function made(name: string): string {
  count += 1
  const path = room.path(`${name}-${count}`)
  mkdirSync(path)
  return path
}

function configFolder(): string {
  const folder = made('config')
  for (const [path, bytes, mode] of FILES) {
    mkdirSync(dirname(`${folder}/${path}`), { recursive: true })
    writeFileSync(`${folder}/${path}`, bytes)
    chmodSync(`${folder}/${path}`, mode)
  }
  return folder
}

function blank(): string {
  const path = `${made('bench')}/disk.img`
  writeFileSync(path, '')
  truncateSync(path, SIZE)
  return path
}

async function byCommandLine(layout: string, config: string): Promise<Done> {
  const disk = blank()
  const release = ['--release', room.release, '--trust', room.trust]
  const wish = ['--layout', layout, '--slots', 'both', '--config', config]
  const { exit, events, result } = await room.run(['provision', disk, ...release, ...wish, '--yes'])
  assert.equal(exit, 0, JSON.stringify(result))
  return { disk, plan: events.find(({ type }) => type === 'plan')?.plan as Plan }
}

async function byHost(layout: string, config: string): Promise<Done> {
  const disk = blank()
  using it = await openJobsBench(room, made('host'))
  const unit = await it.addFile(disk)
  const { draft } = await it.calls['config.open']({ file: config, unit: null }, signal)
  const { plans, refused } = await it.provision([unit], { layout, slots: 'both', config: draft })
  assert.deepEqual(refused, [])
  await it.finished(await it.start(plans))
  assert.deepEqual(
    it.saved.map(({ outcome }) => outcome),
    ['done'],
  )
  return { disk, plan: it.saved[0].plan }
}

/** Chance, time and person, and the name of this one disk. */
const OWN = new Set(['busPath', 'id', 'seed', 'at', 'by', 'uuid', 'volumeId', 'uniqueGuid', 'diskGuid'])

const alike = ({ plan, disk }: Done): unknown =>
  JSON.parse(JSON.stringify(plan).replaceAll(disk, 'DISK'), (key, value) =>
    OWN.has(key) && typeof value !== 'object' ? null : value,
  )

for (const [place, layout] of Object.entries(LAYOUTS))
  test(`the command line and the console's host plan and write the same: ${place}`, async () => {
    const path = `${made('layout')}/layout.yaml`
    writeFileSync(path, layout)
    const config = configFolder()
    const [one, other] = [await byCommandLine(path, config), await byHost(path, config)]
    assert.deepEqual(alike(other), alike(one))
    assert.notEqual(other.plan.id, one.plan.id, 'each disk has identifiers of its own')
    const given = FILES.map(([file, bytes, mode]) => [file, mode, Buffer.from(bytes).toString('base64')]).sort()
    for (const { disk } of [one, other]) {
      const { files, left } = await readConfigOf(disk, signal)
      assert.deepEqual(left, [])
      const found = files.map(({ path: file, mode, bytes }) => [file, mode, Buffer.from(bytes).toString('base64')])
      assert.deepEqual(found.sort(), given)
    }
  })
