// Both sides of a partition table intact and different, on the command line: nothing is chosen for a person, and what was
// chosen is what both sides are afterwards.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, copyFileSync, openSync, readFileSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import { openRoom } from './bench-room.ts'

const SECTOR = 512
const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

function putPrimary(disk: string, from: string): void {
  const handle = openSync(disk, 'r+')
  writeSync(handle, readFileSync(from).subarray(0, 34 * SECTOR))
  closeSync(handle)
}

test('the side of the table that a person names stays, whole, and nothing else is written', async () => {
  await using room = await openRoom()
  const [disk, edited] = [room.path('disk.img'), room.path('edited.img')]
  const words = ['--create', '192MiB', '--layout', room.path('small.yaml'), '--release', room.release]
  assert.equal((await room.run(['provision', disk, ...words, '--trust', room.trust, '--yes'])).exit, 0)
  const whole = digest(disk)
  copyFileSync(disk, edited)
  execFileSync('sgdisk', ['--delete=4', edited], { timeout: 60_000, stdio: 'ignore' })
  putPrimary(disk, edited)
  const sick = digest(disk)
  const command = (...more: string[]) => room.run(['table', 'repair', disk, ...more])
  assert.equal((await command('--yes')).result.code, 'plan.choose-table-side')
  assert.equal((await command('--keep', 'primary', '--keep', 'backup', '--yes')).result.code, 'cli.usage')
  assert.equal((await command('--keep', 'both', '--yes')).result.code, 'cli.usage')
  assert.equal((await command('--keep', 'primary', '--plan')).exit, 0)
  assert.equal(digest(disk), sick)
  assert.equal((await command('--keep', 'backup', '--yes')).exit, 0)
  assert.equal(digest(disk), whole)
  putPrimary(disk, edited)
  assert.equal((await command('--keep', 'primary', '--yes')).exit, 0)
  const { result } = await room.run(['inspect', disk])
  assert.equal((result.table as { entries: unknown[] }).entries.length, 3)
  assert.equal((await command('--yes')).result.code, 'plan.nothing-to-repair')
})
