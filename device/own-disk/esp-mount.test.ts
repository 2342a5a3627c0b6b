// The mounted ESP: never written by Linux while we write below it, and shown anew afterwards.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { encodeAbState } from '#format/ab-state.ts'
import { factoryFiles } from '#format/boot-state.ts'
import type { Mount } from '#node/disk/mounts.ts'
import { type OwnAppliance, ownAppliance } from '#testing/own-appliance.ts'
import type { Mounter } from './esp-mount.ts'

const failed = (stderr: string) => new EngineError('tool.failed', { tool: 'mount', code: 32, stderr })

/** Mounts of the fake system; what is mounted anew shows what `shows` says. */
function fakeMounter(appliance: OwnAppliance, change: Partial<Mounter> = {}, shows = () => {}) {
  const calls: string[] = []
  const set = (options: string) =>
    appliance.system.setMounts(`179:1 ${appliance.paths.boot} vfat /dev/mmcblk0p1 ${options},fmask=0022`)
  const mounter: Mounter = {
    async remountReadOnly(mountPoint) {
      calls.push(`remount,ro ${mountPoint}`)
      set('ro')
    },
    async unmount(mountPoint) {
      calls.push(`umount ${mountPoint}`)
    },
    async mount({ mountPoint, type, source, options }: Mount) {
      calls.push(`mount ${type} ${options} ${source} ${mountPoint}`)
      shows()
    },
    ...change,
  }
  return { mounter, calls, set }
}

const show = ({ paths }: OwnAppliance, slot: 'A' | 'B') => {
  mkdirSync(paths.boot, { recursive: true })
  writeFileSync(join(paths.boot, 'ab_state'), encodeAbState(slot))
  writeFileSync(join(paths.boot, 'grubenv'), factoryFiles('A').grubenv)
}

test('an ESP that is mounted read-write is made read-only first, and mounted anew with its options afterwards', async () => {
  await using appliance = await ownAppliance()
  const { paths } = appliance
  const { mounter, calls, set } = fakeMounter(appliance)
  set('rw')
  show(appliance, 'A')
  await appliance.disk({ mounter }).confirm('A')
  assert.deepEqual(calls, [
    `remount,ro ${paths.boot}`,
    `umount ${paths.boot}`,
    `mount vfat ro,fmask=0022 /dev/mmcblk0p1 ${paths.boot}`,
  ])
})

test('an ESP that cannot be made read-only is not written', async () => {
  await using appliance = await ownAppliance()
  const busy = { remountReadOnly: () => Promise.reject(failed('mount point is busy')) }
  const { mounter, set } = fakeMounter(appliance, busy)
  set('rw')
  const expected = { code: 'own.esp-writable', message: /mount point is busy/ }
  await assert.rejects(appliance.disk({ mounter }).goBack(null), expected)
  const deaf = fakeMounter(appliance, { remountReadOnly: async () => {} })
  await assert.rejects(appliance.disk({ mounter: deaf.mounter }).confirm('A'), { code: 'own.esp-writable' })
})

test('a busy mount keeps showing the old files, which is told; the boot loader reads the new ones', async () => {
  await using appliance = await ownAppliance({ slots: ['A', 'B'] })
  const { mounter, set, calls } = fakeMounter(appliance, { unmount: () => Promise.reject(failed('target is busy')) })
  set('ro')
  show(appliance, 'A')
  const own = appliance.disk({ mounter })
  assert.deepEqual((await own.look()).findings, [])
  await own.armTrial('B')
  const { findings, state } = await own.look()
  assert.deepEqual([findings.map(({ code }) => code), state.wanted, calls], [['own.esp-stale'], 'B', []])
  assert.equal((await appliance.start()).booted, 'B')
})

test('a mount that fails afterwards is told; the change is on the disk', async () => {
  await using appliance = await ownAppliance()
  const { mounter, set } = fakeMounter(appliance, { mount: () => Promise.reject(failed('no such device')) })
  set('ro')
  show(appliance, 'A')
  const own = appliance.disk({ mounter })
  await own.confirm('A')
  assert.deepEqual(
    (await own.look()).findings.map(({ code }) => code),
    ['tool.failed'],
  )
})
