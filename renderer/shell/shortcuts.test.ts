import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HELP_ROWS, type PressedKey, shortcutOf } from './shortcuts.ts'

const none = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false }
const press = (key: string, code = '', change: Partial<PressedKey> = {}) =>
  shortcutOf({ key, code, ...none, ...change })

test('every single key that the help names does something, and every key that does something is named', () => {
  const letters = HELP_ROWS(false).flatMap(([key, what]) => ('letter' in key ? [[key.letter, what] as const] : []))
  for (const [letter, what] of letters) assert.equal(`help.${press(letter)}`, what, letter)
  assert.equal(new Set(letters.map(([letter]) => press(letter))).size, letters.length)
  const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))
  const works = new Set(ascii.filter((key) => press(key) !== null).map((key) => key.toUpperCase()))
  assert.deepEqual([...works].sort(), letters.map(([letter]) => letter).sort())
})

test('a letter works with and without Shift, and never together with Ctrl, Alt or the Mac’s Cmd', () => {
  assert.deepEqual([press('e', 'KeyE'), press('E', 'KeyE', { shiftKey: true })], ['export', 'export'])
  for (const held of ['ctrlKey', 'metaKey', 'altKey'] as const)
    for (const key of ['e', 'l', '/', '?']) assert.equal(press(key, '', { [held]: true }), null, `${held} ${key}`)
})

test('an Arabic keyboard has the keys at the same places, a French and a German one where they print them', () => {
  assert.equal(press('ث', 'KeyE'), 'export')
  assert.equal(press('م', 'KeyL'), 'log')
  assert.equal(press('ظ', 'Slash'), 'filter')
  assert.equal(press('؟', 'Slash', { shiftKey: true }), 'help')
  assert.equal(press('/', 'Period', { shiftKey: true }), 'filter')
  assert.equal(press('?', 'Minus', { shiftKey: true }), 'help')
  assert.equal(press('-', 'Slash'), null, 'what a layout prints there is not our key')
  assert.equal(press('Enter', 'Enter'), null)
})

test('the key that starts a confirmed plan is called as it is printed on the machine’s keyboard', () => {
  const last = (isMac: boolean) => HELP_ROWS(isMac).at(-1)?.[0]
  assert.deepEqual([last(false), last(true)], [{ text: 'key.confirm' }, { text: 'key.confirmMac' }])
})
