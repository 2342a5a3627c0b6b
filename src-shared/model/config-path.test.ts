// One rule for names, depth and amount of /config in both directions; that the tools agree shows config-round-trip.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '#testing/property.ts'
import { CONFIG_LIMITS, configPathProblem, entriesOf, roomFor, roomInNew } from './config-path.ts'

test('names that a script, a listing or a line could trip over are refused with the reason', () => {
  const bad = ['', '.', '..', 'Icon\r', 'a\nb', 'say "no"', 'a\u2028b', 'a\x7fb', 'a\ufffdb', '\ud800', 'n'.repeat(256)]
  for (const name of bad)
    for (const path of [name, `folder/${name}`, `${name}/file`]) assert.notEqual(configPathProblem(path), null, path)
  assert.match(configPathProblem('lost+found/x') ?? '', /file system/)
  assert.equal(configPathProblem('kept/lost+found'), null)
})

test('unusual names that the tools take are names', () => {
  for (const name of [
    'a\\x2db.mount',
    '<2>',
    '-f',
    '#x',
    ' x ',
    "it's",
    '$HOME',
    '*',
    '?a=b',
    '%s',
    'ü',
    'ñ'.repeat(127),
  ])
    assert.equal(configPathProblem(`folder/${name}`), null, name)
})

test('thirty-two folders above a file are allowed, one more is not; nor is a path of more than 512 bytes', () => {
  const below = (depth: number) => [...Array<string>(depth).fill('d'), 'file'].join('/')
  assert.equal(configPathProblem(below(CONFIG_LIMITS.depth)), null)
  assert.match(configPathProblem(below(CONFIG_LIMITS.depth + 1)) ?? '', /32 folders/)
  assert.equal(configPathProblem(`${'n'.repeat(255)}/${'n'.repeat(255)}`), null)
  assert.match(configPathProblem(`${'n'.repeat(255)}/${'n'.repeat(255)}/nn`) ?? '', /512 bytes/)
})

test('folders count once, each file needs whole blocks', () => {
  assert.equal(entriesOf(['a/b/one', 'a/b/two', 'a/three']), 5)
  assert.equal(roomFor([{ path: 'a/x', size: 1 }]), 5 * 4096)
  const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 20 }), (paths) => {
      const all = new Set(
        paths.flatMap((each) => each.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'))),
      )
      assert.equal(entriesOf(paths), all.size)
    }),
    { numRuns: 200 },
  )
})

test('the largest configuration has room in every partition of 64 MiB and more', () => {
  const size = CONFIG_LIMITS.bytes / CONFIG_LIMITS.entries
  const files = Array.from({ length: CONFIG_LIMITS.entries }, (_, i) => ({ path: `${i}`, size }))
  for (const megabytes of [64, 128, 1024, 2000, 100_000]) {
    const room = roomInNew(megabytes * 1024 * 1024)
    assert.ok(roomFor(files) < room.bytes && files.length < room.entries, `${megabytes} MiB`)
  }
})
