// Fresh seeds find what fixed ones miss; what they found once stays found.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { propertyFiles } from './fuzz.ts'
import { keptSeeds } from './kept-seeds.ts'

const ROOT = resolve(import.meta.dirname, '..')

/** What fast-check drew first in a process of its own. */
function drawn(seed: string | undefined): string {
  const { TWINSLOT_SEED: _seed, ...env } = process.env
  const door = join(ROOT, 'src-shared/testing/property.ts')
  const code = `const { default: fc, SEED } = await import(${JSON.stringify(door)}); let first
    fc.assert(fc.property(fc.string(), fc.integer(), (a, b) => { first ??= a + b })); console.log(SEED + ' ' + first)`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    env: seed === undefined ? env : { ...env, TWINSLOT_SEED: seed },
    encoding: 'utf8',
    timeout: 60_000,
  })
  return status === 0 ? stdout : `failed: ${stderr}`
}

test('without a seed of its own every run draws the same inputs, with one it draws others', () => {
  assert.equal(drawn(undefined), drawn(undefined))
  assert.equal(drawn('7'), drawn('7'))
  assert.notEqual(drawn('7'), drawn(undefined))
  assert.match(drawn('x'), /^failed: .*not a whole number/s)
})

test('a kept seed names a property test that exists, and what it found', () => {
  const files = propertyFiles(ROOT, [])
  assert.ok(files.length > 30)
  for (const { file, seed, found } of keptSeeds(ROOT)) {
    assert.ok(existsSync(join(ROOT, file)) && files.includes(file), file)
    assert.ok(Number.isInteger(seed) && found !== '')
  }
})
