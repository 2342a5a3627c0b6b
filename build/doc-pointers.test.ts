// Documents age by pointing at what is no longer there.
import assert from 'node:assert/strict'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CATALOGUE } from '#base/errors.ts'
import { CONSOLE_CALLS } from '#contract/console.ts'
import { REPO } from './bundle.ts'
import { deadNames, deadPointers, pagesOf, sourcesOf } from './doc-pointers.ts'

/** Fields of documents that look like codes. */
const FIELDS = ['boot.next', 'image.name', 'image.product', 'image.signer', 'job.what', 'layout.name']
const { scripts } = JSON.parse(readFileSync(join(REPO, 'package.json'), 'utf8')) as { scripts: object }
const SCRIPTS = Object.keys(scripts).map((name) => `npm run ${name}`)
const NAMES = new Set([...Object.keys(CATALOGUE), ...Object.keys(CONSOLE_CALLS), ...FIELDS, ...SCRIPTS])

test('every link, file, code and script that a document names is there', () => {
  const pages = pagesOf(REPO)
  assert.ok(pages.includes('README.md') && pages.some((page) => page.startsWith('docs/adr/')))
  const dead = pages.flatMap((page) => deadPointers(REPO, page, NAMES))
  assert.deepEqual(
    dead.map(({ page, line, to }) => `${page}:${line} ${to}`),
    [],
  )
})

test('a dead link, heading, file, folder or code is found; what belongs to other machines and examples is not judged', () => {
  const root = mkdtempSync(join(tmpdir(), 'twinslot-pointers-'))
  try {
    mkdirSync(join(root, 'docs'))
    writeFileSync(join(root, 'docs/here.md'), '# Über `this`, 2\n')
    writeFileSync(join(root, 'docs/real.ts'), '')
    const good =
      '[a](here.md) [b](here.md#über-this-2) [c](https://example.org/x.md) `docs/real.ts` `real.ts` `re*.ts` `disk.gone`'
    const others = '`/usr/lib/other.ts` `config.yaml` `.ts`\n```\n[x](gone.md) `gone.ts` npm run there\n```'
    const bad =
      '[d](gone.md) [e](here.md#gone)\n`docs/gone.ts` `gone.ts` `docs/gone/` `disk.never`\n```\nnpm run gone\n```'
    writeFileSync(join(root, 'docs/page.md'), `${good}\n${others}\n${bad}\n`)
    assert.deepEqual(
      deadPointers(root, 'docs/page.md', new Set(['disk.gone', 'npm run there'])).map(
        ({ line, to }) => `${line} ${to}`,
      ),
      [
        '6 gone.md',
        '6 here.md#gone',
        '7 docs/gone.ts',
        '7 docs/gone.ts',
        '7 gone.ts',
        '7 docs/gone/',
        '7 disk.never',
        '9 npm run gone',
      ],
    )
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})

test('the index of the documents names every decision', () => {
  const index = readFileSync(join(REPO, 'docs/README.md'), 'utf8')
  const missing = globSync('docs/adr/*.md', { cwd: REPO }).filter((file) => !index.includes(file.slice('docs/'.length)))
  assert.deepEqual(missing, [])
})

test('comments name files that are there', () => {
  assert.deepEqual(
    sourcesOf(REPO).flatMap((page) => deadNames(REPO, page)),
    [],
  )
})
