// What the help and the contract page say is what the commands take: asked of the table of commands, not of the help.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { COMMANDS } from './command-table.ts'
import { HELP, helpFor } from './help.ts'
import { makeOutput } from './output.ts'

const output = makeOutput(true, {
  stdout: { write: () => true },
  stderr: { write: () => true },
  env: {},
  now: () => new Date(0),
})

/** The options that a command takes, from its own refusal of one that it does not. */
async function optionsOf(name: string): Promise<string[]> {
  const { run } = await COMMANDS[name]()
  const argv = [...name.split(' '), '--no-such-option']
  const refusal = await run({ argv, output, signal: new AbortController().signal }).then(
    () => null,
    (error: unknown) => error,
  )
  assert.ok(isEngineError(refusal, 'cli.usage'), `${name}: ${refusal}`)
  const [, known] = /It takes (.*)\.$/.exec(String(refusal.details.problem)) ?? []
  assert.ok(known, `${name}: ${refusal.details.problem}`)
  return known.split(', ').filter((option) => option !== '--json')
}

test('every command that exists has help that names itself, and nothing else has', () => {
  assert.deepEqual(Object.keys(HELP).sort(), Object.keys(COMMANDS).sort())
  for (const name of Object.keys(COMMANDS)) {
    const { synopsis, text } = HELP[name]
    assert.ok(synopsis.startsWith(name), synopsis)
    assert.ok(text.length > 0)
    assert.ok(helpFor(name).startsWith(`twinslot ${synopsis}`))
  }
})

test('the contract page has a row for every command that exists, and no other', () => {
  const page = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `twinslot ([a-z-]+(?: [a-z-]+)?)/gm)].map((match) => match[1])
  assert.deepEqual(rows.toSorted(), Object.keys(COMMANDS).sort())
})

test('the help of a command tells every option that the command takes, and no other', async () => {
  for (const name of Object.keys(COMMANDS)) {
    const { synopsis, text } = HELP[name]
    // Options of other programs and commands are named with them: "release create --boot".
    const others = new RegExp(`(?:gpg|${Object.keys(COMMANDS).join('|')})(?: --[a-z-]+)+`, 'g')
    const own = `${synopsis.slice(name.length)}\n${text}`.replace(others, '')
    const told = new Set([...own.matchAll(/--[a-z][a-z-]*/g)].map(([option]) => option))
    const taken = await optionsOf(name)
    assert.deepEqual(
      taken.filter((option) => !told.has(option)),
      [],
      `twinslot ${name} takes them, its help is silent`,
    )
    assert.deepEqual(
      [...told].filter((option) => !taken.includes(option)),
      [],
      `the help of twinslot ${name} tells them`,
    )
  }
})

test('help without a command lists all of them and the exit codes', () => {
  for (const { synopsis } of Object.values(HELP)) assert.ok(helpFor('').includes(`twinslot ${synopsis}`))
  assert.match(helpFor(''), /7 device lost/)
})
