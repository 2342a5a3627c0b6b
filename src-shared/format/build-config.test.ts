import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { explain } from '#base/errors.ts'
import fc from '#testing/property.ts'
import { BUILD_CONFIG_LIMIT, type BuildConfig, parseBuildConfig } from './build-config.ts'

const GOOD = `base_os: debian-12
product: demo
version: 1.10
packages:
  - busybox-static
  - tzdata=2024a-0+deb12u1
application:
  - from: app
    to: /opt/demo
    mode: 0755
tests:
  - { name: it starts, run: /opt/demo/start --check, timeout: 30s }
kernel:
  modules: initrd
slot_size: 64 MiB
`

function good(source: string): BuildConfig {
  const result = parseBuildConfig(utf8(source))
  if (!result.ok) assert.fail(result.refusals.map((each) => explain(each).message).join('\n'))
  return result.value
}

function bad(source: string | Uint8Array) {
  const result = parseBuildConfig(typeof source === 'string' ? utf8(source) : source)
  if (result.ok) assert.fail(`not refused: ${source}`)
  for (const each of result.refusals) assert.doesNotMatch(explain(each).message, /\{\w+\}|undefined/)
  const [{ code, details }] = result.refusals
  return {
    code,
    line: details.line,
    key: details.key,
    message: explain(result.refusals[0]).message,
    all: result.refusals,
  }
}

const change = (from: string, to: string) => {
  assert.ok(GOOD.includes(from))
  return bad(GOOD.replace(from, to))
}

test('every key of a recipe is read, and numbers stay as they are written', () => {
  const config = good(GOOD)
  assert.equal(config.version, '1.10')
  assert.deepEqual(config.base_os, { name: 'debian-12', distribution: 'debian', suite: 'bookworm' })
  assert.deepEqual(config.application, [{ from: 'app', to: '/opt/demo', mode: 0o755 }])
  assert.deepEqual(config.tests, [{ name: 'it starts', run: '/opt/demo/start --check', timeout: 30 }])
  assert.deepEqual(config.kernel, { modules: 'initrd', drivers: [] })
  assert.equal(config.slot_size, 2 ** 26)
  assert.deepEqual([config.filesystem, config.compression, config.channel], ['squashfs', 'xz', 'stable'])
})

test("the specification's own build-config.yaml is a recipe", () => {
  const example = readFileSync(new URL('../../device/image/hypernet/build-config.yaml', import.meta.url), 'utf8')
  const config = good(example)
  assert.deepEqual([config.product, config.version, config.python_version], ['hypernet', '0.1.0', '3.11'])
  assert.equal(config.base_os.suite, 'noble')
  assert.deepEqual(config.packages.slice(0, 2), ['python3.11', 'python3-pip'])
  assert.equal(config.hypernet_dependencies[0], 'fastapi==0.109.0')
})

test('the example of docs/format/build-config.md is a recipe, and the page has a row for every key', () => {
  const page = readFileSync(new URL('../../docs/format/build-config.md', import.meta.url), 'utf8')
  const example = /```yaml\n(.*?)```/s.exec(page)?.[1]
  assert.ok(example)
  good(example)
  const known = bad(`${GOOD}x: 1\n`).all[0].details.expected
  for (const key of String(known).split(', ')) assert.match(page, new RegExp(`^\\| \`${key}\``, 'm'), key)
})

test('unknown keys are named with their line, at every depth', () => {
  for (const [from, to, line, key] of [
    ['packages:', 'package:', 4, 'package'],
    ['    mode:', '    mod:', 10, 'mod'],
    ['timeout: 30s', 'timout: 30s', 12, 'timout'],
    ['  modules:', '  module:', 14, 'module'],
  ] as const) {
    const { code, line: found, key: named } = change(from, to)
    assert.deepEqual([code, found, named], ['recipe.unknown-key', line, key])
  }
})

test('missing keys and wrong values are named with line and what is wanted', () => {
  assert.equal(change('base_os: debian-12\n', '').code, 'recipe.missing-key')
  assert.equal(change('version: 1.10\n', '').key, 'version')
  assert.deepEqual(
    [change('    to: /opt/demo\n', '').code, change('    to: /opt/demo\n', '').line],
    ['recipe.missing-key', 8],
  )
  for (const [from, to, line, expected] of [
    ['debian-12', 'plan9', 1, /one of debian-11/],
    ['version: 1.10', 'version: "a b"', 3, /a version like/],
    ['tzdata=', 'TZ data=', 6, /a package name/],
    ['to: /opt/demo', 'to: opt/demo', 9, /an absolute path/],
    ['to: /opt/demo', 'to: /opt/../etc', 9, /without "\.\."/],
    ['mode: 0755', 'mode: 4755', 10, /octal/],
    ['timeout: 30s', 'timeout: 0', 12, /seconds/],
    ['modules: initrd', 'modules: some', 14, /all or initrd/],
    ['64 MiB', '64', 15, /a size with unit/],
    ['packages:\n', 'packages: all\nhardware:\n', 4, /a list/],
  ] as const) {
    const { code, line: found, message } = change(from, to)
    assert.deepEqual([code, found], ['recipe.invalid', line], message)
    assert.match(message, expected)
  }
  assert.equal(bad('base_os: plan9\nversion: ""\nx: 1\n').all.length, 3)
  assert.equal(bad('').code, 'recipe.missing-key')
  assert.equal(bad('- a\n').code, 'recipe.invalid')
})

test('only pinned Python packages are accepted', () => {
  assert.equal(bad(`${GOOD}hypernet_dependencies: [fastapi]\n`).code, 'recipe.invalid')
  assert.equal(bad(`${GOOD}hypernet_dependencies: ["--index-url=x"]\n`).code, 'recipe.invalid')
  good(`${GOOD}hypernet_dependencies: ["uvicorn[standard]==0.27.0"]\n`)
})

test('what is not plain YAML is refused with its place', () => {
  assert.deepEqual([bad('a: [1\n').code, bad('a: 1\na: 2\n').line], ['recipe.yaml-syntax', 2])
  for (const source of ['a: &x 1\nb: *x\n', 'a: !!js 1\n', '['.repeat(60_000), '- '.repeat(30_000)])
    assert.equal(bad(source).code, 'recipe.yaml-syntax', source.slice(0, 20))
  assert.equal(bad(Uint8Array.of(0x61, 0xff)).code, 'recipe.yaml-syntax')
  assert.equal(bad(`a: ${'x'.repeat(BUILD_CONFIG_LIMIT)}`).code, 'recipe.yaml-syntax')
})

test('no text makes the reader throw', () => {
  const piece = fc.constantFrom(
    ...GOOD.split(/\b/),
    ...'[]{}:-?&*!|>%@`#"\n \t',
    '---\n',
    '<<',
    '__proto__',
    'constructor',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      parseBuildConfig(utf8(pieces.join('')))
    }),
    { numRuns: 300 },
  )
})
