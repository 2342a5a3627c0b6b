import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { HELP, helpFor } from './help.ts'

test('every command has help that names itself, and the contract page has a row for each', () => {
  const page = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8')
  for (const [name, { synopsis, text }] of Object.entries(HELP)) {
    assert.ok(synopsis.startsWith(name), synopsis)
    assert.ok(text.length > 0)
    assert.ok(helpFor(name).startsWith(`twinslot ${synopsis}`))
    assert.match(page, new RegExp(`\\| \`twinslot ${name}[ \`]`), `docs/cli.md has no row for ${name}`)
  }
  const rows = [...page.matchAll(/^\| `twinslot ([a-z-]+(?: [a-z-]+)?)/gm)].map((match) => match[1])
  assert.deepEqual(
    rows.filter((row) => !HELP[row]),
    [],
  )
})

test('help without a command lists all of them and the exit codes', () => {
  for (const { synopsis } of Object.values(HELP)) assert.ok(helpFor('').includes(`twinslot ${synopsis}`))
  assert.match(helpFor(''), /7 device lost/)
})
