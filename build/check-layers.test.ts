// The layer check must turn red for every rule it claims: each test plants one violation in a tree of its own.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import { checkTree } from './check-layers.ts'
import { AGAINST_THE_ORDER, LAYERS, ROOMS } from './layers.ts'
import { importsOf, scanSource } from './scan-source.ts'

const ROOT = resolve(import.meta.dirname, '..')

function inTree<T>(files: Record<string, string>, look: (root: string) => T): T {
  const root = mkdtempSync(join(tmpdir(), 'tree-'))
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), text)
    }
    return look(root)
  } finally {
    rmSync(root, { recursive: true })
  }
}

/** A room for what these tests plant in a house that has rooms. */
const ROOM: Readonly<Record<string, string>> = {
  host: 'host/jobs',
  device: 'device/gate',
  'src-shared/node': 'src-shared/node/os',
}
const homeOf = (folder: string): string => ROOM[folder] ?? folder

/** Something to import in every layer. */
const GOOD: Record<string, string> = Object.fromEntries(
  [
    ...['base', 'model', 'format', 'trust', 'plan', 'engine', 'node', 'contract', 'testing'].map(
      (l) => `src-shared/${l}`,
    ),
    ...['host', 'cli', 'device', 'server', 'electron', 'renderer', 'build', 'e2e', 'bench'],
  ].map((folder) => [`${homeOf(folder)}/it.ts`, 'export const it = 1\n']),
)

const findingsOf = (files: Record<string, string>): string[] =>
  inTree({ ...GOOD, ...files }, (root) =>
    checkTree(root).map(({ severity, file, line, message }) => `${severity} ${file}:${line} ${message}`),
  )

test('files of the product that import each other in a circle are named, whatever kind of import closes it', () => {
  for (const back of [
    "import type { it } from './a.ts'",
    "const it = () => import('./a.ts')",
    "export { it } from './a.ts'",
  ]) {
    const found = findingsOf({
      'host/jobs/a.ts': "import { it } from './b.ts'\nexport { it }\n",
      'host/jobs/b.ts': "import { it } from './c.ts'\nexport { it }\n",
      'host/jobs/c.ts': `import '#base/it.ts'\n${back}\n`,
      'host/jobs/a.test.ts': "import './a.ts'\n",
    })
    assert.deepEqual(found, [
      'error host/jobs/a.ts:1 imports itself in a circle: host/jobs/a.ts -> host/jobs/b.ts -> host/jobs/c.ts -> host/jobs/a.ts',
    ])
  }
})

test('a tree that keeps the rules has no findings', () => {
  assert.deepEqual(
    findingsOf({
      'src-shared/plan/describe.ts': `import { it } from '#base/it.ts'\nimport type { x } from '#trust/it.ts'\n`,
      'src-shared/format/a.ts': `import { z } from 'zod'\nimport { sha256 } from '@noble/hashes/sha2.js'\n`,
      'src-shared/node/os/a.ts': `import { open } from 'node:fs/promises'\nimport '#engine/it.ts'\n`,
      'src-shared/base/a.test.ts': `import { test } from 'node:test'\nimport '#testing/it.ts'\nDate.now()\n`,
      'renderer/a.tsx': `import { describe } from '#plan/describe.ts'\nimport { useState } from 'react'\n`,
      'cli/a.ts': `import '#node/os/it.ts'\nnew URL('../package.json', import.meta.url)\n`,
      'package.json': '{}',
      'bench/a.ts': `import '#cli/it.ts'\nimport '#testing/it.ts'\n`,
    }),
    [],
  )
})

test('inside a house a room imports from those below it only, and every file lies in one', () => {
  const found = findingsOf({
    'src-shared/node/os/a.ts': "import '../codec/b.ts'\n",
    'src-shared/node/codec/b.ts': "import '../os/it.ts'\n",
    'device/compose.ts': "import './gate/it.ts'\n",
    'device/ports.ts': "import './compose.ts'\n",
    'host/new.ts': 'export const it = 1\n',
    'device/gate/a.test.ts': "import '../compose.ts'\n",
  })
  assert.deepEqual(found, [
    'error device/ports.ts:1 imports device/compose.ts, which lies above it (build/layers.ts)',
    'error host/new.ts:1 lies in no room of host/',
    'error src-shared/node/os/a.ts:1 imports src-shared/node/codec/b.ts, which lies above it (build/layers.ts)',
  ])
})

test('src-shared/README.md names the rooms and the folders that there are, in their order', () => {
  const page = readFileSync(join(ROOT, 'src-shared/README.md'), 'utf8')
  const named = [...page.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, name]) => name)
  const layers = LAYERS.map(({ folder }) => folder).filter((folder) => folder.startsWith('src-shared/'))
  const rooms = ROOMS['src-shared/node/'] ?? []
  const folders = [...layers, 'src-shared/testing/', 'src-shared/vectors/'].map((folder) => folder.split('/')[1])
  assert.deepEqual(named, [...folders, ...rooms.map((room) => room.slice(0, -1))])
})

test('an import against the order that is listed and gone must leave the list', () => {
  const [file] = AGAINST_THE_ORDER[0]
  const found = findingsOf({ [file]: 'export const it = 1\n' })
  assert.match(found.join('\n'), /does not import .* any more/)
})

const UPWARDS: readonly (readonly [string, string])[] = [
  ['src-shared/base', 'src-shared/model'],
  ['src-shared/model', 'src-shared/format'],
  ['src-shared/format', 'src-shared/trust'],
  ['src-shared/trust', 'src-shared/plan'],
  ['src-shared/plan', 'src-shared/engine'],
  ['src-shared/engine', 'src-shared/node'],
  ['src-shared/node', 'cli'],
  ['src-shared/contract', 'src-shared/format'],
  ['cli', 'host'],
  ['host', 'cli'],
  ['device', 'server'],
  ['server', 'device'],
  ['renderer', 'src-shared/engine'],
  ['renderer', 'src-shared/node'],
  ['renderer', 'host'],
  ['src-shared/engine', 'src-shared/testing'],
  ['src-shared/node', 'src-shared/testing'],
  ['cli', 'src-shared/testing'],
  ['cli', 'build'],
  ['device', 'e2e'],
]

for (const [from, to] of UPWARDS) {
  test(`${from} may not import ${to}`, () => {
    const name = `#${homeOf(to).replace('src-shared/', '')}/it.ts`
    const file = `${homeOf(from)}/planted.ts`
    for (const statement of [
      `import { it } from '${name}'`,
      `import type { it } from '${name}'`,
      `export * from "${name}"`,
      `import '${name}'`,
      `const it = await import('${name}')`,
    ]) {
      assert.deepEqual(findingsOf({ [file]: `\n${statement}\n` }), [
        `error ${file}:2 imports ${homeOf(to)}/it.ts; ${from}/ may not`,
      ])
    }
  })
}

test('the renderer sees of the planners only the describer', () => {
  assert.equal(findingsOf({ 'renderer/a.ts': `import '#plan/it.ts'\n` }).length, 1)
})

test('what lies in another layer or two folders up is imported by its name, by tests as well', () => {
  const deep = { 'cli/a/b/c.ts': `import '../../it.ts'\n`, 'cli/a/d.ts': `import '../it.ts'\n` }
  assert.deepEqual(findingsOf(deep), ['error cli/a/b/c.ts:1 imports ../../it.ts; by name it is #cli/it.ts'])
  assert.deepEqual(findingsOf({ 'host/a.test.ts': `import '../src-shared/base/it.ts'\n` }), [
    'error host/a.test.ts:1 imports ../src-shared/base/it.ts; by name it is #base/it.ts',
  ])
})

test('product code may not import a test', () => {
  const files = { 'cli/a.test.ts': 'export const x = 1\n', 'cli/a.ts': `import { x } from './a.test.ts'\n` }
  assert.deepEqual(findingsOf(files), ['error cli/a.ts:1 imports cli/a.test.ts; cli/ may not'])
})

test('the core and the renderer may not import node:*, electron or react', () => {
  for (const layer of ['base', 'model', 'format', 'trust', 'plan', 'engine', 'contract']) {
    for (const name of ['node:fs', 'node:crypto', 'electron', 'react', 'fs', 'drivelist']) {
      const found = findingsOf({ [`src-shared/${layer}/a.ts`]: `import { x } from '${name}'\n` })
      assert.equal(found.length, 1, `${layer} imports ${name}`)
    }
  }
  assert.equal(findingsOf({ 'renderer/a.ts': `import 'node:fs'\n` }).length, 1)
})

test('a package is allowed only in the layers that the table names', () => {
  assert.equal(findingsOf({ 'src-shared/model/a.ts': `import { z } from 'zod'\n` }).length, 1)
  assert.equal(findingsOf({ 'src-shared/format/a.ts': `import * as o from 'openpgp'\n` }).length, 1)
  assert.equal(findingsOf({ 'src-shared/engine/a.ts': `import x from 'xz-decompress'\n` }).length, 1)
})

test('a computed import and a missing file are errors', () => {
  assert.match(findingsOf({ 'cli/a.ts': 'const x = await import(name)\n' })[0] ?? '', /computed name/)
  assert.match(findingsOf({ 'cli/a.ts': 'const x = await import(`./${name}.ts`)\n' })[0] ?? '', /computed name/)
  assert.match(findingsOf({ 'cli/a.ts': `import './gone.ts'\n` })[0] ?? '', /does not exist/)
})

test('the core may not read the clock or be random, but may parse a date it was given', () => {
  for (const code of [
    'Date.now()',
    'new Date()',
    'new Date',
    'Date()',
    'Math.random()',
    'performance.now()',
    'crypto.randomUUID()',
  ]) {
    assert.equal(findingsOf({ 'src-shared/plan/a.ts': `export const x = ${code}\n` }).length, 1, code)
  }
  const allowed = `const a = new Date(text)\nconst b: Date = Date.parse(text)\n// Date.now()\nconst c = 'Math.random()'\n`
  assert.deepEqual(findingsOf({ 'src-shared/plan/a.ts': allowed }), [])
  assert.deepEqual(findingsOf({ 'src-shared/node/os/a.ts': 'export const now = () => Date.now()\n' }), [])
})

test('a test leaves nothing to chance, and properties come through the door with the seed', () => {
  for (const code of ['Math.random()', 'randomBytes(4)', 'crypto.randomUUID()'])
    assert.equal(findingsOf({ 'e2e/a.test.ts': `export const x = ${code}\n` }).length, 1, code)
  const direct = `import fc from 'fast-check'\n`
  for (const file of ['src-shared/plan/a.test.ts', 'e2e/a.ts', 'src-shared/testing/a.ts'])
    assert.match(findingsOf({ [file]: direct })[0] ?? '', /imports fast-check; use/, file)
  assert.deepEqual(findingsOf({ 'src-shared/testing/property.ts': direct }), [])
})

test('a whole file is read with a limit only', () => {
  for (const code of ['await readFile(path)', 'readFileSync(path)', 'file.readFile()', 'createReadStream(path)'])
    assert.match(
      findingsOf({ 'host/jobs/a.ts': `export const x = ${code}\n` })[0] ?? '',
      /reads a file of any size/,
      code,
    )
  assert.deepEqual(findingsOf({ 'host/jobs/a.ts': 'export const x = await readBounded(path)\n' }), [])
  assert.deepEqual(findingsOf({ 'host/a.test.ts': 'export const x = await readFile(path)\n' }), [])
})

test('a note to finish something later is an error, also in a test', () => {
  const note = ['TO', 'DO'].join('')
  assert.deepEqual(findingsOf({ 'e2e/a.test.ts': `// ${note}: later\n` }), [
    'error e2e/a.test.ts:1 holds a note to finish it later',
  ])
})

test('a long file without a reason is a warning', () => {
  const long = 'export {}\n'.repeat(401)
  assert.match(findingsOf({ 'cli/a.ts': long })[0] ?? '', /^warning cli\/a\.ts:1 has 402 lines/)
  assert.deepEqual(findingsOf({ 'cli/a.ts': `// Long because it is a table.\n${long}` }), [])
})

test('a folder of the shared code that no layer names is an error', () => {
  assert.match(findingsOf({ 'src-shared/utils/a.ts': 'export {}\n' })[0] ?? '', /no layer names/)
})

test('imports in comments, strings, templates and regular expressions are not imports; after them they are', () => {
  const source = [
    `// import a from 'comment'`,
    `/* import b from 'block' */`,
    `const c = "import d from 'string'"`,
    'const e = `import f from "template" ${`${"}"} nested` + { a: 1 }.a} more`',
    `const quote = /['"\`/*]/.test(c) ? 4 / 2 / 1 : [/import g from 'regex'/]`,
    `import h from 'real'`,
    `const later = x / import.meta.y; import i = await import("lazy")`,
  ].join('\n')
  assert.deepEqual(importsOf(scanSource(source)), [
    { specifier: 'real', line: 6 },
    { specifier: 'lazy', line: 7 },
  ])
})

test('the type check of the core refuses node:*, timers, process and the DOM', () => {
  const planted = [
    `import { readFileSync } from 'node:fs'`,
    'export const a = setTimeout(() => {}, 1)',
    'export const b = process.argv',
    'export const c = document.title',
    `export const d = fetch('http://x')`,
    'export const e = Buffer.from([1])',
    'export const f = crypto.randomUUID()',
    'export const g = performance.now()',
    'console.log(readFileSync)',
  ]
  const files = {
    'tsconfig.json': JSON.stringify({
      extends: join(ROOT, 'tsconfig.core.json'),
      include: ['planted.ts', join(ROOT, 'src-shared/base/core-globals.d.ts')],
      exclude: [],
    }),
    'planted.ts': `${planted.join('\n')}\n`,
  }
  inTree(files, (root) => {
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc')
    const { status, stdout } = spawnSync(tsc, ['-p', root], { cwd: root, encoding: 'utf8', timeout: 60_000 })
    const lines = [...stdout.matchAll(/planted\.ts\((\d+),/g)].map((match) => Number(match[1]))
    assert.notEqual(status, 0)
    assert.deepEqual(
      [...new Set(lines)],
      planted.map((_, index) => index + 1),
      stdout,
    )
  })
})
