import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { test } from 'node:test'
import { getSystemErrorMap } from 'node:util'
import { explain, isEngineError } from '#base/errors.ts'
import { inspectFileAsDisk } from '../disk/inventory.ts'
import { hasMedium, ioFailure, openFailure, reasonOf, systemFinding } from './os-errors.ts'

const CODES = [...getSystemErrorMap().values()].map(([code]) => code).filter((code) => code !== 'UNKNOWN')
const system = (code: string, more = {}) => Object.assign(new Error(code), { code, syscall: 'open', ...more })
/** A device number as the kernel tells it (include/linux/kdev_t.h, new_encode_dev), for small minors. */
const makedev = (major: number, minor: number): number => major * 256 + minor
const MEDIUM = ['EIO', 'EREMOTEIO', 'ENODATA', 'EILSEQ', 'ETIMEDOUT']

test('every code of the system is told with words and with itself', () => {
  for (const code of CODES) {
    const text = reasonOf(system(code))
    assert.ok(text.includes(code), text)
    assert.ok(code === 'UNKNOWN' || text.length > code.length + 2, text)
  }
})

test('only what the kernel says of the medium is told of the medium; an unknown reason is told as such', async () => {
  for (const code of [...CODES, 'ESOMETHINGNEW']) {
    const opening = openFailure('/dev/sdz', system(code))
    assert.equal(opening.code === 'disk.read-failed', MEDIUM.includes(code), code)
    assert.doesNotMatch(MEDIUM.includes(code) ? '' : explain(opening).remedy, /worn/, code)
    for (const operation of ['reading', 'writing', 'flushing'] as const) {
      const failure = await ioFailure('/dev/sdz', operation, 512, system(code), async () => false)
      const blames = /^disk\.(read|write)-failed$/.test(failure.code)
      assert.equal(blames, MEDIUM.includes(code), `${operation} ${code}: ${failure.code}`)
    }
  }
})

test('an error of a file that lies on no medium says nothing of a medium', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs /proc')
  assert.equal(hasMedium(statSync('/proc/self/mem').dev), false)
  assert.equal(hasMedium(statSync('/proc/self/mem', { bigint: true }).dev), false)
  for (const dev of [makedev(8, 1), makedev(259, 3), makedev(4095, 1)]) assert.equal(hasMedium(dev), true)
  const refused = (error: unknown) => {
    assert.ok(isEngineError(error, 'disk.system-refused'))
    assert.doesNotMatch(`${explain(error).message} ${explain(error).remedy}`, /worn/)
    return true
  }
  await assert.rejects(inspectFileAsDisk('/proc/self/mem'), refused)
  for (const code of MEDIUM) {
    assert.equal(openFailure('x', system(code), false).code, 'disk.system-refused')
    assert.equal(
      (await ioFailure('x', 'reading', 0, system(code), async () => false, false)).code,
      'disk.system-refused',
    )
  }
})

test('a link loop and too long a name are no worn disk', () => {
  for (const code of ['ELOOP', 'ENAMETOOLONG', 'EMFILE', 'ENOMEM', 'EINVAL'])
    assert.equal(openFailure('x', system(code)).code, 'disk.system-refused')
})

test('a refusal of the system that nobody expected has a code of its own; a fault of ours has not', () => {
  const refused = systemFinding(system('EMFILE', { path: '/etc/x' }))
  assert.equal(refused?.code, 'cli.system-refused')
  assert.match(explain(refused!).message, /"open" of \/etc\/x: .*\(EMFILE\)/)
  const named = systemFinding(
    Object.assign(new Error('x'), { code: 'ERR_SYSTEM_ERROR', syscall: 'uv_os_get_passwd', info: { code: 'ENOENT' } }),
  )
  assert.match(explain(named!).message, /ENOENT/)
  assert.match(explain(systemFinding(system('ENOENT', { syscall: 'uv_cwd' }))!).message, /working directory/)
  assert.equal(systemFinding(new TypeError('x is not a function')), null)
})
