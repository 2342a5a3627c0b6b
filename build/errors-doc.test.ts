// docs/errors.md is what technicians look codes up in: it must be the catalogue of today.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CATALOGUE } from '#base/errors.ts'
import { ERRORS_DOCUMENT_PATH, errorsDocument } from './errors-doc.ts'

test('docs/errors.md is up to date (npm run docs)', () => {
  assert.equal(readFileSync(ERRORS_DOCUMENT_PATH, 'utf8'), errorsDocument(CATALOGUE), 'run: npm run docs')
})

test('a table cell cannot be broken by what a message holds', () => {
  const text = errorsDocument({
    'disk.odd': { message: 'a | b {size|bytes} <i>', remedy: 'c', kind: 'lost', retry: 'again' },
  })
  assert.match(text, /\| `disk\.odd` \| a \\\| b \*size\* &lt;i> \| c \| 7 \| yes, as it is \|/)
})
