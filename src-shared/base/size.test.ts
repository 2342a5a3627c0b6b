import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSize } from './size.ts'

test('MB and GB are decimal, MiB and GiB binary', () => {
  assert.equal(parseSize('512 MB'), 512_000_000)
  assert.equal(parseSize('2GB'), 2_000_000_000)
  assert.equal(parseSize('2 GiB'), 2_147_483_648)
  assert.equal(parseSize('1.5 GB'), 1_500_000_000)
  assert.equal(parseSize(' 4096 b '), 4096)
  assert.equal(parseSize('1 kB'), 1000)
})

test('a size without unit, a negative one and nonsense are no sizes', () => {
  for (const text of ['512', '', '-1 MB', '0 MB', '1e9 B', '5 EB', '16G', '1 MB 2', 'MB', '99999999999999 TB', '0.1 B'])
    assert.equal(parseSize(text), null, text)
})
