import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { constants, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { openFileDevice } from './file-device.ts'
import { checkNotHeld, inSpiteOfLookers } from './not-held.ts'

const room = mkdtempSync(join(tmpdir(), 'twinslot-held-'))
after(() => rmSync(room, { recursive: true, force: true }))
const linux = process.platform === 'linux' ? false : 'needs Linux'
const root = process.getuid?.() === 0 ? false : 'needs root for loop devices'

function image(name: string): string {
  const path = join(room, name)
  writeFileSync(path, '')
  truncateSync(path, 1 << 20)
  return path
}

test('an image file that somebody writes is busy for a planner, and free when he has ended; planners do not see each other', {
  skip: linux,
}, async () => {
  const path = image('a.img')
  const disk = { path, bus: 'file' } as const
  await Promise.all([1, 2, 3, 4].map(() => checkNotHeld(disk)))
  {
    await using _writer = await openFileDevice(path)
    await assert.rejects(checkNotHeld(disk), { code: 'disk.busy' })
  }
  await checkNotHeld(disk)
})

test('a device that another program holds for itself is busy for a planner; several planners at one moment are not in their way', {
  skip: linux || root,
}, async () => {
  const device = execFileSync('losetup', ['--find', '--show', image('loop.img')], { encoding: 'utf8', timeout: 10_000 })
  const disk = { path: device.trim(), bus: 'loop' } as const
  try {
    await Promise.all([1, 2, 3, 4].map(() => checkNotHeld(disk)))
    {
      await using _holder = await open(disk.path, constants.O_RDONLY | constants.O_EXCL)
      await assert.rejects(checkNotHeld(disk), { code: 'disk.busy' })
    }
    await checkNotHeld(disk)
  } finally {
    execFileSync('losetup', ['--detach', disk.path], { timeout: 10_000 })
  }
})

test('whoever is busy for a moment only is asked again, and nothing else is', async () => {
  let asked = 0
  const after = (times: number, error: Error) => async () => {
    asked++
    if (asked <= times) throw error
    return 'held'
  }
  const busy = new EngineError('disk.busy', { disk: 'x', reason: 'somebody looks' })
  assert.equal(await inSpiteOfLookers(after(2, busy)), 'held')
  assert.equal(asked, 3)
  asked = 0
  await assert.rejects(inSpiteOfLookers(after(9, new EngineError('disk.not-found', { disk: 'x' }))), {
    code: 'disk.not-found',
  })
  assert.equal(asked, 1)
})
