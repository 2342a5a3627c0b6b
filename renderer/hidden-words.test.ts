// What a page says, it says at every width: a style sheet may move words, never take them away.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { test } from 'node:test'

/** Nothing is said there, or it is said elsewhere at the same time. */
const SAYS_NOTHING = new Map([
  ['.search input::-webkit-search-cancel-button', 'the browser’s own cross'],
  ['.report-search-box input::-webkit-search-cancel-button', 'the browser’s own cross'],
  ['.unit-list:empty', 'empty'],
  ['.nav-name', 'the name of the program, which is the window’s title'],
  ['.choice-mark .icon', 'the tick of what is not chosen'],
])

const HIDES =
  /(?<selector>[^{}]+)\{[^{}]*(?:display:\s*none|visibility:\s*(?:hidden|collapse)|font-size:\s*0[;\s}])[^{}]*\}/g

test('no style takes words away at any width', async () => {
  const hidden: string[] = []
  for await (const file of glob(`${import.meta.dirname}/**/*.css`)) {
    const css = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
    for (const { groups } of css.matchAll(HIDES)) hidden.push(groups?.selector.trim() ?? '')
  }
  assert.deepEqual(
    hidden.filter((selector) => !SAYS_NOTHING.has(selector)),
    [],
  )
  assert.deepEqual(
    [...SAYS_NOTHING.keys()].filter((selector) => !hidden.includes(selector)),
    [],
    'the list is not longer than it has to be',
  )
})
