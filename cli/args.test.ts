import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { flag, parseCount, parseSize, parseSlot, parseWords, text } from './args.ts'

const shape = { words: ['DISK'], texts: ['slot'], flags: ['yes'], required: ['slot'] }
const refused = (call: () => unknown, pattern: RegExp) =>
  assert.throws(call, (error) => isEngineError(error, 'cli.usage') && pattern.test(error.message))

test('words, options and flags are told apart', () => {
  const words = parseWords('flash', ['/dev/sdb', '--slot', 'B', '--yes'], shape)
  assert.deepEqual(words.positionals, ['/dev/sdb'])
  assert.equal(text(words, 'slot'), 'B')
  assert.equal(flag(words, 'yes'), true)
  assert.equal(flag(words, 'json'), false)
})

test('a missing word, a missing option, an unknown option and a word too many are usage errors that name it', () => {
  refused(() => parseWords('flash', ['--slot', 'B'], shape), /Missing DISK/)
  refused(() => parseWords('flash', ['x'], shape), /Missing --slot/)
  refused(() => parseWords('flash', ['x', '--slot', 'B', '--force'], shape), /--force/)
  refused(() => parseWords('flash', ['x', 'y', '--slot', 'B'], shape), /Unexpected "y"/)
  refused(() => parseWords('flash', ['x', '--slot'], shape), /slot/)
})

test('a slot is A or B in either case and nothing else', () => {
  assert.equal(parseSlot('flash', 'a'), 'A')
  assert.equal(parseSlot('flash', 'B'), 'B')
  refused(() => parseSlot('flash', 'C'), /"C"/)
  refused(() => parseSlot('flash', ''), /A or B/)
})

test('sizes are decimal as on drives, binary with i or a bare letter', () => {
  assert.equal(parseSize('provision', 'create', '16GB'), 16_000_000_000)
  assert.equal(parseSize('provision', 'create', '16 GB'), 16_000_000_000)
  assert.equal(parseSize('provision', 'create', '1.5GiB'), 1.5 * 1024 ** 3)
  assert.equal(parseSize('provision', 'create', '16G'), 16 * 1024 ** 3)
  assert.equal(parseSize('provision', 'create', '4096'), 4096)
  for (const word of ['', '-1', '16XB', '0', '1e9', '99999999TB'])
    refused(() => parseSize('provision', 'create', word), /create/)
})

test('a counter is a whole number', () => {
  assert.equal(parseCount('release create', 'counter', '7'), 7)
  assert.equal(parseCount('release create', 'counter', null), null)
  refused(() => parseCount('release create', 'counter', '-7'), /"-7"/)
  refused(() => parseCount('release create', 'counter', '7.5'), /whole number/)
})

test('an option with a value is given once, unless it may be repeated', () => {
  const twice = ['x', '--slot', 'A', '--slot=B']
  refused(() => parseWords('flash', twice, shape), /--slot is given more than once/)
  const several = { ...shape, texts: [], lists: ['slot'] }
  assert.deepEqual(parseWords('flash', twice, several).values.slot, ['A', 'B'])
  assert.equal(flag(parseWords('flash', ['x', '--slot', 'A', '--yes', '--yes'], shape), 'yes'), true)
})

test('what the parser says of a value that looks like an option is one line', () => {
  refused(() => parseWords('flash', ['x', '--slot', '-1'], shape), /^[^\n]*--slot[^\n]*$/)
})
