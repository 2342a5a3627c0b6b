// What the cycle gets from this machine: the right to step belongs to one process at a time, changes of the record follow
// each other, releases come from allowed hosts only.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { openUpdateWorld, SETTINGS } from '#testing/update-world.ts'
import { releaseFetcher } from '../release-fetcher.ts'
import { builtAt, cycleDeps } from './cycle-deps.ts'

test('one turn at a time, given back at its end; changes of the record do not overlap', async (t) => {
  const state = await mkdtemp(join(tmpdir(), 'twinslot-deps-'))
  t.after(() => rm(state, { recursive: true }))
  const { appliance } = openUpdateWorld()
  const own = { ...appliance, paths: { ...appliance.paths, state } }
  const [one, two] = [cycleDeps(own, 'twinslot-agent'), cycleDeps(own, 'osiris-update')]
  const turn = await one.takeTurn()
  const holder = `twinslot-agent (process ${process.pid})`
  await assert.rejects(
    two.takeTurn(),
    (error) => isEngineError(error, 'update.busy') && error.details.holder === holder,
  )
  await turn[Symbol.asyncDispose]()
  const next = await two.takeTurn()
  await next[Symbol.asyncDispose]()
  const said: string[] = []
  const work = (name: string) => async () => {
    said.push(`${name} begins`)
    await new Promise((done) => setImmediate(done))
    said.push(`${name} ends`)
  }
  await Promise.all([one.changeRecord(work('a')), two.changeRecord(work('b'))])
  assert.deepEqual(
    said.map((line) => line.slice(2)),
    ['begins', 'ends', 'begins', 'ends'],
  )
})

test('the probes are asked once each, and from a checkout any clock may be right', async () => {
  const { appliance } = openUpdateWorld()
  const probes = [
    {
      name: 'always',
      run: { kind: 'command', argv: ['/bin/false'] },
      timeoutMs: 5000,
      critical: true,
      retryForMs: 300_000,
    },
  ] as const
  const results = await cycleDeps(appliance, 'osiris-update').probe(
    { ...SETTINGS, probes },
    new AbortController().signal,
  )
  assert.equal(results.always?.passed, false)
  assert.equal(builtAt().getTime(), 0)
})

test('a release comes from the server and the allowed hosts over TLS, from nowhere else', async () => {
  const fetcher = await releaseFetcher(async () => ({ ...SETTINGS, allowedHosts: ['releases.example.org'] }))
  const ask = (url: string) => fetcher.fetch(url, {}, AbortSignal.abort())
  await assert.rejects(ask('https://elsewhere.example.org/x'), { code: 'order.host-not-allowed' })
  await assert.rejects(ask('http://releases.example.org/x'), { code: 'order.not-https' })
  await assert.rejects(ask('https://releases.example.org/x'), { code: 'job.cancelled' })
})
