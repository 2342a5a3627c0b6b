import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observeDisk } from '#engine/observe.ts'
import type { DiskObservation } from '#model/observation.ts'
import { ownAppliance } from '#testing/own-appliance.ts'
import { fakeSystem } from '#testing/sysfs-tree.ts'
import { openFileDevice } from '../disk/file-device.ts'
import { parseKernelLine, readKernelLine, runningSlotOf } from './kernel-line.ts'

test('the line is read as the kernel reads it: the last root counts, words that only begin alike do not', () => {
  assert.deepEqual(
    parseKernelLine(
      'BOOT_IMAGE=/boot/kernel ab.partition=B root=/dev/sda1 root=PARTUUID=0aBc ro xab.partition=A quiet\n',
    ),
    { slots: ['B'], root: 'PARTUUID=0aBc', rootGuid: '0ABC' },
  )
  assert.deepEqual(parseKernelLine('ab.partition=B ab.partition=A ab.partition=C root=/dev/sda2'), {
    slots: ['A', 'B'],
    root: '/dev/sda2',
    rootGuid: null,
  })
  assert.deepEqual(parseKernelLine(''), { slots: [], root: null, rootGuid: null })
  using system = fakeSystem()
  assert.throws(() => readKernelLine(`${system.roots.proc}/nothing`), { code: 'own.disk-unknown' })
})

test('the slot that runs is the one whose partition is the root, on the disk of the running system, and never a guess', async () => {
  await using appliance = await ownAppliance()
  await using device = await openFileDevice(appliance.image, { readOnly: true })
  const { disk, table } = await appliance.look()
  const seen: DiskObservation = await observeDisk(device, { ...disk, system: true })
  const guid = (name: string) => table?.entries.find((entry) => entry.name === name)?.uniqueGuid ?? ''
  const running = (line: string, of = seen) => runningSlotOf(parseKernelLine(line), of)
  assert.equal(running(`ab.partition=A root=PARTUUID=${guid('SLOT-A')}`), 'A')
  assert.equal(running(`ab.partition=B root=PARTUUID=${guid('SLOT-B').toLowerCase()}`), 'B')
  assert.equal(running(`root=PARTUUID=${guid('SLOT-B')}`), 'B')
  const doubtful = [
    `ab.partition=A root=PARTUUID=${guid('SLOT-B')}`,
    `ab.partition=A ab.partition=B root=PARTUUID=${guid('SLOT-A')}`,
    `ab.partition=A root=PARTUUID=${guid('DATA')}`,
    'ab.partition=A root=PARTUUID=00000000-0000-0000-0000-00000000000a',
    'ab.partition=A root=/dev/mmcblk0p2',
    'ab.partition=A',
  ]
  for (const line of doubtful) assert.equal(running(line), null, line)
  const copy = { ...seen, disk: { ...seen.disk, system: false } }
  assert.equal(running(`ab.partition=A root=PARTUUID=${guid('SLOT-A')}`, copy), null, 'a copy of the running disk')
})
