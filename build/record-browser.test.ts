// The pictures of build/record.ts are for browsers: one of them must draw what it was given.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pictureOf } from './record.ts'

test('a browser draws the picture, and another picture for other text', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'picture-'))
  try {
    const png = join(folder, 'run.png')
    const draw = (capture: string): Buffer | undefined => {
      writeFileSync(join(folder, 'run.svg'), pictureOf(capture, 'npm run demo'))
      const options = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--window-size=600,200']
      const files = [`--user-data-dir=${join(folder, 'profile')}`, `--screenshot=${png}`, `file://${folder}/run.svg`]
      const drawn = spawnSync('chromium', [...options, ...files], { encoding: 'utf8', timeout: 90_000 })
      if (drawn.error && 'code' in drawn.error && drawn.error.code === 'ENOENT') return undefined
      assert.equal(drawn.status, 0, drawn.stderr)
      return readFileSync(png)
    }
    const good = draw('slot A  \u001b[32mGood\u001b[0m\r\n')
    if (good === undefined) return t.skip('needs chromium')
    assert.ok(statSync(png).size > 1000)
    assert.ok(!good.equals(draw('slot A  \u001b[31mBad\u001b[0m\r\n')!))
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
})
