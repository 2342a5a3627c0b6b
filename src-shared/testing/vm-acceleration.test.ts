// Machines are accelerated only where one was seen to run so.
import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { vmsCannotRun } from './vm.ts'
import { acceleration, firmwareSpeaks } from './vm-acceleration.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinslot-probe-'))
})
after(() => rm(folder, { recursive: true, force: true }))

/** In QEMU's place; it finds the socket for its reports where QEMU does. */
async function standIn(name: string, script: string): Promise<string> {
  const path = join(folder, name)
  const head = `#!${process.execPath}\nconst reports = process.argv[process.argv.indexOf('-qmp') + 1].slice(5)\n`
  await writeFile(path, `${head}const socket = require('node:net').connect(reports)\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

test('a machine whose firmware says something is accelerated, whatever device nodes there are', async (t) => {
  const reason = await vmsCannotRun()
  if (reason) return t.skip(reason)
  const qemu = await standIn('speaks', "console.log('BdsDxe'); setInterval(() => {}, 1000)")
  assert.equal(await firmwareSpeaks(qemu), true)
})

test('one that an error halts before it said anything is not, and neither is one that ends', async (t) => {
  const reason = await vmsCannotRun()
  if (reason) return t.skip(reason)
  const halted = JSON.stringify({ event: 'STOP' })
  const halts = await standIn('halts', `socket.write('${halted}\\n'); setInterval(() => {}, 1000)`)
  assert.equal(await firmwareSpeaks(halts), false)
  assert.equal(await firmwareSpeaks(await standIn('ends', 'process.exit(1)')), false)
})

test('what machines are started with is what was seen to run here', async (t) => {
  const reason = await vmsCannotRun()
  if (reason) return t.skip(reason)
  const found = await acceleration()
  if (!(await stat('/dev/kvm').catch(() => null))) assert.equal(found, 'tcg')
  assert.equal(found === 'kvm', await firmwareSpeaks('qemu-system-x86_64'))
})
