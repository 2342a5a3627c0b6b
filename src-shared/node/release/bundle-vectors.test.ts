// Golden bundles: what an earlier version wrote is read, and each flaw is refused with the code in its header. The good
// ones are judged by gpg and by the documented offsets alone as well.
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { openGpg } from '#testing/gpg.ts'
import { parseVector } from '#testing/vector-file.ts'
import { parseTrust } from '#trust/keyring.ts'
import { verifyRelease } from './verify-release.ts'

const FOLDER = join(import.meta.dirname, '../../vectors/bundle')
const keys = await readFile(join(FOLDER, 'keys.asc'))
const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.txt')).sort()

test('there are golden bundles, good and bad', () => {
  assert.ok(names.length >= 25, `${names.length} found`)
})

for (const name of names) {
  const { scenario, expect, now, bytes } = parseVector(await readFile(join(FOLDER, name), 'utf8'))
  test(`${name}: ${scenario} -> ${expect}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'twinslot-vector-'))
    t.after(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'bundle'), bytes)
    const outcome = await verifyRelease(join(folder, 'bundle'), await parseTrust(keys), { now: new Date(now) }).then(
      () => 'ok',
      (error) => (isEngineError(error) ? error.code : String(error)),
    )
    assert.equal(outcome, expect)
  })
}

test('the head that the format document shows is the one of the golden bundle', async () => {
  const document = await readFile(join(import.meta.dirname, '../../../docs/format/bundle.md'), 'utf8')
  const { bytes } = parseVector(await readFile(join(FOLDER, 'good-none.txt'), 'utf8'))
  const shown = Array.from(document.matchAll(/^000000[01]0 {2}(.*?) {2}\|/gm), ([, hex]) => hex.replaceAll(/\s/g, ''))
  assert.equal(shown.join(''), Buffer.from(bytes.subarray(0, 32)).toString('hex'))
})

test('gpg verifies the signature of the good bundles over the bytes between the documented offsets', async (t) => {
  await using gpg = await openGpg()
  if (!gpg) return t.skip('needs gpg')
  await gpg.run(['--import'], undefined, keys)
  for (const name of names.filter((one) => one.startsWith('good'))) {
    const { bytes } = parseVector(await readFile(join(FOLDER, name), 'utf8'))
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const manifest = view.getUint32(8, true)
    const signature = view.getUint32(12, true)
    await writeFile(join(gpg.home, 'm'), bytes.subarray(16, 16 + manifest))
    await writeFile(join(gpg.home, 's'), bytes.subarray(16 + manifest, 16 + manifest + signature))
    const { stdout } = await gpg.run(['--status-fd', '1', '--verify', join(gpg.home, 's'), join(gpg.home, 'm')])
    assert.match(stdout, /VALIDSIG/)
  }
})
