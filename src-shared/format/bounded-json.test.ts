import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCertificate } from '#node/job/certificate-check.ts'
import fc from '#testing/property.ts'
import { readOrderJson } from '#trust/order-json.ts'
import { jsonProblem, parseBoundedJson } from './bounded-json.ts'
import { decodeImageFacts } from './image-facts.ts'
import { decodeManifest } from './manifest.ts'

const problemOf = (text: string, limits = { size: 1e6 }): string => {
  const read = parseBoundedJson(text, limits)
  return read.ok ? 'read' : read.problem
}

test('what is within its bounds is read as JSON.parse reads it, and nothing else is read', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(parseBoundedJson(text, { size: 1e6 }), { ok: true, value: JSON.parse(text) })
    }),
    { numRuns: 300 },
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      let known = true
      try {
        JSON.parse(text)
      } catch {
        known = false
      }
      assert.equal(parseBoundedJson(text, { size: 1e6 }).ok, known)
    }),
    { numRuns: 300 },
  )
})

test('size, depth and number of values are refused by counting, before anything is parsed', () => {
  assert.equal(problemOf('"abcd"', { size: 5 }), 'it is larger than 5 characters')
  assert.equal(problemOf('['.repeat(1_000_000)), 'it is nested deeper than 64')
  assert.equal(problemOf(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`), 'it is nested deeper than 64')
  assert.equal(problemOf(`${'['.repeat(64)}${']'.repeat(64)}`), 'read')
  const many = { size: 1e7, values: 1000 }
  assert.equal(problemOf(`[${'{},'.repeat(1000)}{}]`, many), 'it holds more than 1000 values')
  assert.equal(problemOf(`[${'1,'.repeat(1000)}1]`, many), 'it holds more than 1000 values')
  assert.equal(problemOf(`[${'1,'.repeat(900)}1]`, many), 'read')
})

test('brackets and commas in texts do not count, and no escape hides a bracket', () => {
  const tight = { size: 1000, depth: 1, values: 3 }
  assert.equal(problemOf('["[[[[{{{{,,,,\\"[[[[,,,"]', tight), 'read')
  assert.equal(problemOf('["\\\\",[]]', tight), 'it is nested deeper than 1')
  assert.equal(problemOf('["abc', tight), 'it is not JSON')
})

test('whoever reads JSON says what is wrong with it: too deep, too much, or none', () => {
  const deep = Buffer.from('['.repeat(1000))
  const told = (read: () => unknown): string => {
    try {
      return String(read())
    } catch (error) {
      return String(error)
    }
  }
  const readers = {
    manifest: (bytes: Buffer) => told(() => decodeManifest(bytes)),
    order: (bytes: Buffer) => told(() => readOrderJson(bytes.toString())),
    image: (bytes: Buffer) => JSON.stringify(decodeImageFacts(bytes)),
    certificate: (bytes: Buffer) => told(() => parseCertificate('c.json', bytes)),
  }
  for (const [name, read] of Object.entries(readers)) {
    assert.match(read(deep), /nested deeper than \d+/, name)
    assert.match(read(Buffer.from('{')), /not JSON/, name)
  }
  assert.equal(jsonProblem(new TypeError('x'), 'it is not UTF-8'), 'it is not UTF-8')
})
