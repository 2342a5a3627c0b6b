import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pictureOf, runOf } from './record.ts'
import { screenAfter } from './terminal-screen.ts'

const ESC = '\u001b['
const textOf = (capture: string, columns?: number): string[] =>
  screenAfter(capture, columns).map((runs) => runs.reduce((line, run) => line.padEnd(run.column) + run.text, ''))

test('a line that is redrawn shows only its last state', () => {
  assert.deepEqual(textOf(`Writing 10 %\r${ESC}2KWriting 99 %\r${ESC}2Kdone\r\nnext`), ['done', 'next'])
  assert.deepEqual(textOf('12345\rab'), ['ab345'])
  assert.deepEqual(textOf(`spinner${ESC}1G${ESC}0K`), [])
})

test('the cursor moves as on a terminal, and erasing takes what it says', () => {
  assert.deepEqual(textOf(`one\r\ntwo\r\n${ESC}2A${ESC}4GX`), ['oneX', 'two'])
  assert.deepEqual(textOf(`one\r\ntwo${ESC}2J${ESC}Hnew`), ['new'])
  assert.deepEqual(textOf(`one\r\ntwo\r\nthree${ESC}2F${ESC}J`), [])
  assert.deepEqual(textOf(`one\r\ntwo\r\nthree${ESC}2D${ESC}1J`), ['', '', '    e'])
  assert.deepEqual(textOf('a\tb\u0008c'), ['a       c'])
})

test('lines wrap at the width of the terminal, not one character earlier', () => {
  assert.deepEqual(textOf('12345\r\n123456', 5), ['12345', '12345', '6'])
})

test('colours and weights become styles of the characters that follow', () => {
  const [runs] = screenAfter(`${ESC}1;32mok${ESC}0m then ${ESC}2mfaint${ESC}22m${ESC}38;5;200mx${ESC}91mred`)
  assert.deepEqual(
    runs?.map(({ text, style }) => [text, style.colour, style.bold, style.dim]),
    [
      ['ok', 2, true, false],
      [' then ', undefined, false, false],
      ['faint', undefined, false, true],
      ['x', undefined, false, false],
      ['red', 9, false, false],
    ],
  )
})

test('title sequences, cursor switches and character sets leave no trace', () => {
  assert.deepEqual(textOf(`\u001b]0;title\u0007${ESC}?25l\u001b(Btext${ESC}?25h`), ['text'])
})

test('the picture escapes what XML would read, and pins every run to its column', () => {
  const picture = pictureOf(`a <b> & "c"\r\n  ${ESC}32mgreen`, 'x < y')
  assert.match(picture, /a &lt;b&gt; &amp; &quot;c&quot;/)
  assert.match(picture, /<title>x &lt; y<\/title>/)
  assert.match(picture, /<tspan x="34\.8" textLength="42" class="c2">green<\/tspan>/)
  assert.ok(!picture.includes('\u001b'))
})

test('the frame of script is left out, the typed command is put above, and a run can be cut in the middle', () => {
  const recording =
    'Script started on 2026-01-01 [COMMAND="x"]\none\r\ntwo 50 %\r\nthree\r\nScript done on 2026-01-01\n'
  assert.deepEqual(textOf(runOf(recording)), ['one', 'two 50 %', 'three'])
  assert.deepEqual(textOf(runOf(recording, 'run it', '50 %')), ['$ run it', 'one', 'two 50 %'])
  assert.throws(() => runOf(recording, undefined, '51 %'), /does not contain "51 %"/)
})
