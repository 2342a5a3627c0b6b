import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CATALOGUE, type ErrorCode, finding } from '#base/errors.ts'
import { COMMAND, NOT_IN_A_WINDOW } from '#testing/window-words.ts'
import { problemOf } from './problem.ts'

const CODES = (Object.keys(CATALOGUE) as ErrorCode[]).filter((code) => !NOT_IN_A_WINDOW.test(code))
/** Every hole of a sentence filled with a word that is no command. */
const details = new Proxy<Record<string, string>>({}, { get: () => '1', has: () => true })

test('nothing that a window shows asks to type a command or an option', () => {
  const typed = CODES.flatMap((code) => {
    const { message, remedy } = problemOf({ code, details })
    return COMMAND.test(`${message} ${remedy}`) ? [`${code}: ${remedy}`] : []
  })
  assert.deepEqual(typed, [])
})

test('the remedy for windows has the values of the problem', () => {
  const { remedy } = problemOf(finding('plan.only-slot', { slot: 'A', other: 'B', verdict: 'Bad' }))
  assert.match(remedy, /slot B first/)
})
