// The probe list: both dialects are read, nothing is guessed, and no file can make the reader blow up.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { explain } from '#base/errors.ts'
import fc from '#testing/property.ts'
import { parseDuration, parseProbes } from './probe-list.ts'
import { splitCommand } from './split-command.ts'

const SPECIFICATION = `health_checks:
  - name: "Database connectivity"
    command: "pg_isready -U hypernet"
    timeout: 10s

  - name: "Partition mounts"
    command: "check-mounts.sh"  # Verifies all partitions mounted
    timeout: 5s

  - name: "Configuration valid"
    command: "hypernet-admin validate-config"
    timeout: 10s

  - name: "API responding"
    command: "curl -f http://localhost:8000/health"
    timeout: 30s
`

const one = (lines: string) => parseProbes(`health_checks:\n  - ${lines.split('\n').join('\n    ')}\n`)
const codesOf = (text: string) => parseProbes(text).findings.map(({ code }) => code)
const complaint = (lines: string) => {
  const [first] = one(lines).findings
  return first ? `${first.code}: ${explain(first).message}` : null
}

test("the specification's own list is read as it stands: critical, one try, no shell", () => {
  const { probes, findings } = parseProbes(SPECIFICATION)
  assert.deepEqual(findings, [])
  assert.deepEqual(
    probes.map(({ name, run, timeoutMs }) => [name, run.kind === 'command' ? run.argv : null, timeoutMs]),
    [
      ['Database connectivity', ['pg_isready', '-U', 'hypernet'], 10_000],
      ['Partition mounts', ['check-mounts.sh'], 5000],
      ['Configuration valid', ['hypernet-admin', 'validate-config'], 10_000],
      ['API responding', ['curl', '-f', 'http://localhost:8000/health'], 30_000],
    ],
  )
  assert.ok(probes.every(({ critical, retryForMs }) => critical && retryForMs === 0))
})

test('a built-in probe brings its own limit and severity, which the list may change', () => {
  assert.deepEqual(one('name: ntp\nbuiltin: ntp').probes, [
    {
      name: 'ntp',
      run: { kind: 'builtin', probe: 'ntp', options: {} },
      timeoutMs: 10_000,
      retryForMs: 0,
      critical: false,
    },
  ])
  const [api] = one(
    'name: api\nbuiltin: api\noptions: {url: "http://localhost:1/h"}\nretry_for: 5m\nseverity: advisory',
  ).probes
  assert.deepEqual(api, {
    name: 'api',
    run: { kind: 'builtin', probe: 'api', options: { url: 'http://localhost:1/h' } },
    timeoutMs: 30_000,
    retryForMs: 300_000,
    critical: false,
  })
})

test('the lists that images carry are in order', () => {
  const files = globSync('device/image/etc/probes*.yaml', { cwd: resolve(import.meta.dirname, '..', '..') })
  assert.equal(files.length, 2)
  for (const file of files) {
    const { probes, findings } = parseProbes(readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8'))
    assert.deepEqual(findings, [], file)
    assert.ok(
      probes.some(({ critical }) => critical),
      file,
    )
  }
})

test('an unknown key is told with its place, never ignored', () => {
  assert.match(complaint('name: a\ncommand: b\ntimeuot: 5s') ?? '', /^gate\.unknown-key: .*timeuot at line 4, column 5/)
  assert.deepEqual(codesOf('health_checks: [{name: a, builtin: ntp, options: {url: x}}]'), ['gate.unknown-key'])
  assert.deepEqual(codesOf('health_checks: [{name: a, builtin: ntp}]\nretries: 3\n'), ['gate.unknown-key'])
})

test('a value that is out of bounds or of another form is refused', () => {
  for (const lines of [
    'name: a\ncommand: b\ntimeout: 0s',
    'name: a\ncommand: b\ntimeout: 61s',
    'name: a\ncommand: b\ntimeout: soon',
    'name: a\ncommand: b\nretry_for: 301s',
    'name: a\ncommand: b\nretry_for: 10s\ntimeout: 301s',
    'name: a\ncommand: b\nseverity: important',
    'name: a\ncommand: b\nbuiltin: ntp',
    'name: a\ncommand: b\noptions: {}',
    'name: a',
    'command: b',
    'name: ""\ncommand: b',
    `name: ${'x'.repeat(65)}\ncommand: b`,
    'name: a\ncommand: ""',
    'name: a\ncommand: 5',
    'name: a\nbuiltin: disks',
    'name: a\nbuiltin: disk\noptions: {limit_percent: 101}',
    'name: a\nbuiltin: database\noptions: {port: 0}',
    'name: a\nbuiltin: mounts\noptions: {mounts: {boot: [ro]}}',
    'name: a\nbuiltin: mounts\noptions: {mounts: {/boot: "ro"}}',
    'name: a\nbuiltin: api\noptions: {url: ""}',
    'name: a\nbuiltin: mounts',
    'name: a\nbuiltin: mounts\noptions: {layout: my-disk}',
  ])
    assert.match(complaint(lines) ?? lines, /^gate\.invalid: /, lines)
  for (const text of ['', '[]', 'health_checks: {}', 'health_checks: []', 'health_checks: [5]', '{}'])
    assert.deepEqual(codesOf(text), ['gate.invalid'], text)
  const many = Array.from({ length: 33 }, (_, i) => `  - {name: p${i}, builtin: ntp}\n`).join('')
  assert.deepEqual(codesOf(`health_checks:\n${many}`), ['gate.invalid'])
})

test('two probes of one name are refused, because the second would hide the result of the first', () => {
  const text = 'health_checks:\n  - {name: a, command: "true"}\n  - {name: a, command: "false"}\n'
  assert.deepEqual(parseProbes(text).findings, [
    { code: 'gate.duplicate-name', details: { line: 3, column: 5, name: 'a' } },
  ])
})

test('broken, deeply nested, huge and aliased files are refused, not read in part', () => {
  for (const text of [
    'health_checks: [',
    `health_checks: ${'['.repeat(5000)}`,
    `x: ${'a'.repeat(70_000)}`,
    'health_checks: [&a {name: a, command: b}, *a]',
    'health_checks: [{name: a, name: b, command: c}]',
    'health_checks: [!!binary aaaa]',
  ])
    assert.deepEqual(codesOf(text).slice(0, 1), ['gate.list-unreadable'], text.slice(0, 60))
})

test('no text makes the reader throw', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'health_checks:',
      '\n  - ',
      'name: ',
      'command: ',
      '{',
      '}',
      '[',
      ']',
      ': ',
      '"',
      '!',
      '&a',
      '*a',
      '\t',
    ),
    fc.string({ maxLength: 8 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      parseProbes(pieces.join(''))
    }),
    { numRuns: 500 },
  )
})

test('a command line is split without a shell: blanks, quotes and backslashes', () => {
  const argv = (line: string) => {
    const split = splitCommand(line)
    return split.ok ? split.argv : split.reason
  }
  assert.deepEqual(argv('  a   b\tc '), ['a', 'b', 'c'])
  assert.deepEqual(argv(`a 'b c' "d \\"e\\" \\x" f\\ g '' h'i'"j"`), ['a', 'b c', 'd "e" \\x', 'f g', '', 'hij'])
  assert.deepEqual(argv(`echo '$HOME' "a;b|c"`), ['echo', '$HOME', 'a;b|c'])
})

test('what only a shell could mean is refused, instead of being passed to a program that does not mean it', () => {
  for (const line of [
    'a | b',
    'a; b',
    'a && b',
    'a > f',
    'a $B',
    'a `b`',
    'a $(b)',
    'a *',
    'a ~',
    'a\nb',
    "a 'b",
    'a "b',
    'a \\',
    '""',
    'a \0',
  ])
    assert.equal(splitCommand(line).ok, false, JSON.stringify(line))
})

test('times are seconds, milliseconds or minutes', () => {
  const cases = ['10s', '500ms', '2m', '1.5s', '7', 7, '', 's', '-1s', '1h', null, true]
  assert.deepEqual(cases.map(parseDuration), [
    10_000,
    500,
    120_000,
    1500,
    7000,
    7000,
    null,
    null,
    null,
    null,
    null,
    null,
  ])
})
