import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { kernelPackage, moduleOrder } from './kernel-package.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinslot-kernel-'))
  await writeFile(
    join(folder, 'modules.dep'),
    'kernel/a.ko: kernel/x-y.ko kernel/z.ko\nkernel/x-y.ko: kernel/z.ko\nkernel/z.ko:\n',
  )
  await writeFile(join(folder, 'modules.builtin'), 'kernel/lib/crc-t10.ko\n')
})
after(() => rm(folder, { recursive: true }))

const withCode = (code: string) => (error: unknown) => error instanceof EngineError && error.code === code

test('modules come after what they need, each once, and built-in ones not at all', async () => {
  assert.deepEqual(await moduleOrder(folder, ['a', 'x_y', 'crc_t10']), ['kernel/z.ko', 'kernel/x-y.ko', 'kernel/a.ko'])
})

test('a module that the kernel does not have is named', async () => {
  await assert.rejects(moduleOrder(folder, ['ahci']), withCode('boot.kernel-module'))
})

test('without package lists the newest cached kernel serves, and without a cache the package is named', async (t) => {
  const before = process.env.PATH
  t.after(() => {
    process.env.PATH = before
  })
  process.env.PATH = folder
  await assert.rejects(kernelPackage(folder), withCode('boot.kernel-unavailable'))
  for (const name of ['linux-image-6.1.0-10-amd64', 'linux-image-6.1.0-9-amd64', 'linux-image-6.1.0-10-amd64.77'])
    await mkdir(join(folder, 'kernel', name), { recursive: true })
  assert.equal((await kernelPackage(folder)).release, '6.1.0-10-amd64')
})
