// A check of slots as the host sees it: a runner of our own making says what a real one says, and says when it was told to end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildDisk } from '#testing/builders.ts'
import { checkUnitSlots } from './look.ts'

/** Reads "for ever": two progress events, then nothing until it is cancelled. */
const ENDLESS = `
const say = (message) => console.log(JSON.stringify(message))
say({ say: 'hello', protocol: 2 })
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { verb } = JSON.parse(line)
  const event = (doneBytes) => say({ say: 'event', event: { type: 'progress', step: 0, phase: 'authenticate', doneBytes, totalBytes: 900 } })
  if (verb === 'check') { event(100); event(200) }
  if (verb === 'cancel') {
    say({ say: 'failed', written: false, during: null, report: null, problems: [{ code: 'job.cancelled', message: '', remedy: '', details: {} }] })
    process.exit(1)
  }
})`
const command = { command: process.execPath, args: ['-e', ENDLESS], env: process.env }

test('progress of the runner is passed on; a signal in the middle makes it stop reading', async () => {
  const stop = new AbortController()
  const seen: (readonly [number, number])[] = []
  const answer = checkUnitSlots(buildDisk({}), command, {
    signal: stop.signal,
    progress(done, total) {
      seen.push([done, total])
      if (seen.length === 2) stop.abort()
    },
  })
  await assert.rejects(answer, { code: 'job.cancelled' })
  assert.deepEqual(seen, [
    [100, 900],
    [200, 900],
  ])
})

test('a check that was stopped before its runner was there asks it for nothing', async () => {
  const seen: number[] = []
  const check = { signal: AbortSignal.abort(), progress: (done: number) => seen.push(done) }
  await assert.rejects(checkUnitSlots(buildDisk({}), command, check), { code: 'job.cancelled' })
  assert.deepEqual(seen, [])
})
