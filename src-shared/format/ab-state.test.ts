import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { SLOTS } from '#model/slot.ts'
import fc from '#testing/property.ts'
import { abStateForms, decodeAbState, encodeAbState } from './ab-state.ts'

test('the file is exactly 25 bytes and A and B differ in one of them', () => {
  assert.equal(Buffer.from(encodeAbState('A')).toString(), 'set active_partition="A"\n')
  const [a, b] = [encodeAbState('A'), encodeAbState('B')]
  assert.equal(a.length, 25)
  assert.equal(b.length, 25)
  assert.equal(a.filter((byte, index) => byte !== b[index]).length, 1)
})

test('what is written is read back without a finding', () => {
  for (const slot of SLOTS) assert.deepEqual(decodeAbState(encodeAbState(slot)), { slot, mentions: null, findings: [] })
})

test('a missing file is reported and selects nothing', () => {
  const { slot, findings } = decodeAbState(null)
  assert.equal(slot, null)
  assert.equal(findings[0].code, 'boot.ab-state-missing')
})

test('without quotes, without newline, with CRLF and a bare letter are accepted', () => {
  for (const text of [
    'set active_partition=B\n',
    'set active_partition="B"',
    'set active_partition="B"\r\n',
    'B',
    'B\n',
  ])
    assert.equal(decodeAbState(utf8(text)).slot, 'B', text)
  assert.equal(abStateForms('A')[0], 'set active_partition="A"\n')
  assert.equal(new Set([...abStateForms('A'), ...abStateForms('B')]).size, 36)
})

test('damaged content selects nothing: the boot loader would not believe it either', () => {
  const damaged = [
    '',
    '\0'.repeat(25),
    'set active_partition="A',
    'set active_partition="C"\n',
    'set active_partition="b"\n',
  ]
  const more = [
    'if true; then\nset active_partition="B"\n',
    'set active_partition="A"\nhalt\n',
    'AB',
    ' A',
    '\ufeffA\n',
  ]
  for (const text of [...damaged, ...more]) {
    const { slot, findings } = decodeAbState(utf8(text))
    assert.equal(slot, null, JSON.stringify(text))
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['boot.ab-state-damaged'],
      JSON.stringify(text),
    )
  }
})

test('a slot that other boot loaders would take from the text is mentioned for people', () => {
  assert.equal(decodeAbState(utf8('# note\nset active_partition="B"\n')).mentions, 'B')
  assert.equal(decodeAbState(utf8('active_partition=Apple')).mentions, null)
})

test('any bytes are judged without throwing, and only the closed list of forms is accepted', () => {
  const forms = new Set(SLOTS.flatMap((slot) => abStateForms(slot)))
  const mutated = fc
    .tuple(fc.constantFrom(...forms), fc.nat(24), fc.integer({ min: 0, max: 255 }))
    .map(([form, at, byte]) => Uint8Array.from(utf8(form), (old, index) => (index === at ? byte : old)))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
      const { slot, findings } = decodeAbState(bytes)
      assert.equal(slot !== null, forms.has(Buffer.from(bytes).toString('latin1')))
      assert.equal(slot === null, findings.length === 1)
    }),
    { numRuns: 3000 },
  )
})

test('defect 10: a script in ab_state is never run: GRUB compares the file with its accepted forms, and so do we', () => {
  const scripts = [
    'set active_partition="B"\nlinux ($root)/evil\nboot\n',
    'set active_partition="B"; set timeout=-1\n',
    'source ($root)/evil.cfg\nset active_partition="B"\n',
    'if true; then set active_partition="B"; fi\n',
    'set active_partition="$(reboot)"\n',
  ]
  for (const text of scripts) assert.equal(decodeAbState(utf8(text)).slot, null, text)
  const folder = new URL('../node/boot/grub/', import.meta.url)
  for (const name of readdirSync(folder)) {
    const config = readFileSync(new URL(name, folder), 'utf8').replace(/^\s*#.*$/gm, '')
    for (const line of config.split('\n')) {
      // Only what is inside the boot loader's own memory may be run.
      const run = /(?:^|[;\s])(?:source|\.|configfile|normal|legacy_source)\s+(\S+)/.exec(line)
      if (run) assert.match(run[1], /^\(memdisk\)/, `${name}: ${line}`)
    }
    assert.doesNotMatch(config, /(?:source|configfile)[^\n]*ab_state/, name)
  }
})
