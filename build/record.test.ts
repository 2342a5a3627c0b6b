// The picture in the README is what a terminal would show at the end of the run, and a picture that browsers can draw.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pictureOf } from './record.ts'
import { screenAfter } from './terminal-screen.ts'

const textOf = (capture: string): string[] =>
  screenAfter(capture).map((runs) => runs.reduce((line, run) => line.padEnd(run.column) + run.text, '').trimEnd())

test('a progress line that is redrawn shows its last state only', () => {
  assert.deepEqual(textOf('Writing 10 %\rWriting 55 %\r\u001b[2KVerified\r\n'), ['Verified'])
  assert.deepEqual(textOf('a\r\nbbbb\r\n\u001b[2A\u001b[JA\r\nB\r\n'), ['A', 'B'])
  assert.deepEqual(textOf('long line\rshort\u001b[K!'), ['short!'])
  assert.deepEqual(textOf('ab\b\bx\u001b[2Cy'), ['xb y'])
})

test('colours become styles, and other control sequences leave nothing behind', () => {
  const [runs] = screenAfter(
    '\u001b[?25l\u001b]0;title\u0007\u001b[1;32mGood\u001b[0m plain \u001b[2mfaint\u001b[22m\u001b[91m!\u001b[39m',
  )
  assert.deepEqual(
    runs!.map(({ column, text, style }) => [column, text, style.colour, style.bold, style.dim]),
    [
      [0, 'Good', 2, true, false],
      [4, ' plain ', undefined, false, false],
      [11, 'faint', undefined, false, true],
      [16, '!', 9, false, false],
    ],
  )
})

test('any bytes give a picture, and text cannot become markup', () => {
  const svg = pictureOf('<script>alert("&")</script>\u0000\u0001\u001b[', '"><b>')
  assert.doesNotMatch(svg, /<script|<b>/)
  for (const control of ['\u0000', '\u0001', '\u001b']) assert.ok(!svg.includes(control))
  assert.match(svg, /&lt;script&gt;/)
})

test('a browser draws the picture', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'picture-'))
  try {
    const svg = join(folder, 'run.svg')
    const png = join(folder, 'run.png')
    const draw = (capture: string): Buffer | undefined => {
      writeFileSync(svg, pictureOf(capture, 'npm run demo'))
      const drawn = spawnSync(
        'chromium',
        [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--hide-scrollbars',
          `--user-data-dir=${join(folder, 'profile')}`,
          '--window-size=600,200',
          `--screenshot=${png}`,
          `file://${svg}`,
        ],
        { encoding: 'utf8', timeout: 90_000 },
      )
      if (drawn.error && 'code' in drawn.error && drawn.error.code === 'ENOENT') return undefined
      assert.equal(drawn.status, 0, drawn.stderr)
      return readFileSync(png)
    }
    const first = draw('slot A  \u001b[32mGood\u001b[0m\r\n')
    if (first === undefined) return t.skip('needs chromium')
    assert.ok(statSync(png).size > 1000)
    assert.ok(!first.equals(draw('slot A  \u001b[31mBad\u001b[0m\r\n')!), 'other text, other picture')
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
})
