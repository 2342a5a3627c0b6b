import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildDisk } from '#testing/builders.ts'
import { markOf } from './disk-mark.ts'

const STAT = ' 100 0 800 5 7 0 56 3 0 9 9 2 0 16 0 0 0\n'

test('unplugging and writing change the mark of a disk, reading does not', async () => {
  const root = mkdtempSync(join(tmpdir(), 'twinslot-mark-'))
  const roots = { sys: join(root, 'sys'), proc: join(root, 'proc') }
  const folder = join(roots.sys, 'class/block/sdb')
  mkdirSync(folder, { recursive: true })
  mkdirSync(join(roots.proc, 'sys/kernel/random'), { recursive: true })
  writeFileSync(join(roots.proc, 'sys/kernel/random/boot_id'), 'boot-1\n')
  writeFileSync(join(folder, 'diskseq'), '12\n')
  writeFileSync(join(folder, 'stat'), STAT)
  const disk = buildDisk({ path: '/dev/sdb' })
  const mark = () => markOf(disk, 'first', roots)
  const before = await mark()
  assert.deepEqual(before, { plug: 'boot-1 12', writes: '7 56 2 16' })
  writeFileSync(join(folder, 'stat'), STAT.replace(' 100 0 800', ' 999 0 9999'))
  assert.deepEqual(await mark(), before)
  writeFileSync(join(folder, 'stat'), STAT.replace(' 56 ', ' 64 '))
  assert.notEqual((await mark()).writes, before.writes)
  writeFileSync(join(folder, 'diskseq'), '13\n')
  assert.notEqual((await mark()).plug, before.plug)
  rmSync(join(folder, 'diskseq'))
  rmSync(join(folder, 'stat'))
  assert.deepEqual(await mark(), { plug: 'first', writes: null }, 'a kernel that does not count')
  rmSync(root, { recursive: true })
})

test('a file that was written, or replaced by another, has another mark', async () => {
  const root = mkdtempSync(join(tmpdir(), 'twinslot-mark-'))
  const path = join(root, 'a.img')
  writeFileSync(path, 'one')
  const identity = { serial: null, wwn: null, size: 3, busPath: 'file:1:2' }
  const disk = buildDisk({ path, bus: 'file', identity })
  const before = await markOf(disk, 'x')
  assert.deepEqual(await markOf(disk, 'y'), before)
  appendFileSync(path, 'two')
  assert.notEqual((await markOf(disk, 'x')).writes, before.writes)
  const other = await markOf({ ...disk, identity: { ...identity, busPath: 'file:1:3' } }, 'x')
  assert.notEqual(other.plug, before.plug)
  rmSync(root, { recursive: true })
})
