// A skip is allowed by a list of facts; whatever else is skipped where everything can be installed is a failure.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALLOWED_SKIPS, mustRunAll, unlistedSkips } from './allowed-skips.ts'

const desktop = 'e2e/console (desktop app)'

test('a skip that names a missing tool is not allowed, whatever the tool', () => {
  const skips = [
    { file: 'e2e/station/station.test.ts', name: 'USB', reason: 'needs qemu-img' },
    { file: 'src-shared/node/filesystem/luks.test.ts', name: 'opens', reason: 'needs cryptsetup' },
    { file: 'cli/args.test.ts', name: 'x', reason: 'no reason given' },
  ]
  assert.deepEqual(unlistedSkips(skips), skips)
})

test('a fact of the list allows its own tests only', () => {
  const reason = 'the Electron 45.4.1 runtime is not on this machine'
  assert.deepEqual(unlistedSkips([{ file: desktop, name: 'x', reason }]), [])
  assert.equal(unlistedSkips([{ file: 'src-shared/format/gpt.test.ts', name: 'x', reason }]).length, 1)
  assert.equal(unlistedSkips([{ file: desktop, name: 'x', reason: 'needs chromium' }]).length, 1)
})

test('every line of the list says a fact, and its patterns are bound to a place', () => {
  for (const { fact, reason, file } of ALLOWED_SKIPS) {
    assert.match(fact, /^\S.{10,}$/)
    for (const pattern of [reason, file]) assert.ok(pattern.source.startsWith('^'), String(pattern))
  }
})

test('the list binds on Debian as root, where the set-up installs everything', () => {
  const debian = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n'
  assert.ok(mustRunAll(0, debian))
  assert.ok(!mustRunAll(1000, debian))
  assert.ok(!mustRunAll(0, 'ID=ubuntu\nID_LIKE=debian\n'))
  assert.ok(!mustRunAll(0, null))
})
