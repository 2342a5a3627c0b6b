import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitRow, liveRows } from './live-rows.ts'
import { ProgressLine } from './progress-line.ts'
import { makeStyle } from './terminal-style.ts'
import { CLEAR_LINE, guardTerminal } from './terminal-writer.ts'

const ESC = '\u001b'
const PARTS = new RegExp(`${ESC}\\[\\d+A|${ESC}\\[2K|\\r|\\n|[^${ESC}\\r\\n]+`, 'g')

/** A terminal of a few lines, as far as our own sequences need one. */
function terminal(isTTY = true) {
  const lines: string[] = ['']
  let at = 0
  const written: string[] = []
  const stream = {
    isTTY,
    columns: 40,
    write(text: string) {
      written.push(text)
      for (const [part] of text.matchAll(PARTS)) {
        if (part.endsWith('A') && part.startsWith(ESC)) at -= Number(part.slice(2, -1))
        else if (part === `${ESC}[2K`) lines[at] = ''
        else if (part === '\n') {
          at++
          lines[at] ??= ''
        } else if (part !== '\r') lines[at] += part
      }
      assert.ok(at >= 0, 'never above the first line')
    },
  }
  return { stream: guardTerminal(stream), lines, written }
}

const step = (title: string) => ({ type: 'step-started', step: 1, total: 2, title }) as const

test('each job has a row that is redrawn in its place, and finished steps stay above the rows', () => {
  const { stream, lines } = terminal()
  const rows = liveRows(stream)
  const [one, two] = ['sdb', 'sdc'].map((name) => new ProgressLine(rows.row(name), makeStyle(false)))
  one.show(step('Erase'), 0)
  two.show(step('Erase'), 0)
  one.show({ type: 'step-done', step: 1, evidence: {} }, 1)
  one.show(step('Write slot A'), 2)
  assert.deepEqual(lines, ['sdb: ✓ 1/2 Erase', 'sdb  ▸ 1/2 Write slot A', 'sdc  ▸ 1/2 Erase', ''])
  rows.clear()
  assert.deepEqual(lines, ['sdb: ✓ 1/2 Erase', '', '', ''])
})

test('a row never takes two lines, whatever the width', () => {
  assert.equal(fitRow('abcdef', 7), 'abcdef')
  assert.equal(fitRow('abcdefgh', 7), 'abcde…')
  assert.equal(fitRow(`${ESC}[36mabc${ESC}[0m`, 7), `${ESC}[36mabc${ESC}[0m`)
  const { stream, lines } = terminal()
  liveRows(stream)
    .row('sdb')
    .write(`${CLEAR_LINE}${'x'.repeat(200)}`)
  assert.ok([...lines[0]].length < 40)
})

test('what is not a terminal gets whole lines with the name in front, and no control characters', () => {
  const { stream, written } = terminal(false)
  const line = new ProgressLine(liveRows(stream).row('sdb'), makeStyle(false))
  line.show(step('Erase'), 0)
  line.show({ type: 'step-done', step: 1, evidence: {} }, 1)
  assert.deepEqual(written, ['sdb: ✓ 1/2 Erase\n'])
})

test('foreign text that would move the cursor is shown as what it is', () => {
  const { stream, written } = terminal()
  liveRows(stream).row('sdb').write(`${ESC}[9A stolen`)
  assert.ok(!written.join('').includes(`${ESC}[9A`))
  assert.match(written.join(''), /\\u\{1b\}\[9A stolen/)
})
