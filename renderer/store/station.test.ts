import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { ConsoleEvent } from '#contract/console.ts'
import { buildStation } from '../testing/fixtures.ts'
import { type LinkCore, openLinkCore } from '../transport/link.ts'
import { followStation, jobOf, unitOf, useStore } from './station.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A host that answers every `station.get` with what it knows now. */
function host(): { link: LinkCore; asked(): number; setSeq(seq: number): void } {
  let [count, seq] = [0, 3]
  const link = openLinkCore(({ id }) => {
    count += 1
    queueMicrotask(() => link.take({ id, ok: true, value: buildStation({ seq }) }))
  })
  const setSeq = (next: number): void => {
    seq = next
  }
  return { link, asked: () => count, setSeq }
}

const bench = (seq: number): ConsoleEvent => ({ seq, type: 'bench', bench: { units: [], hidden: [], problem: null } })

beforeEach(() => useStore.setState({ station: null, stale: true, waiting: [], link: 'connecting', log: [] }))

test('an open line asks for the station once, and a gap asks again', async () => {
  const { link, asked, setSeq } = host()
  const end = followStation(link)
  assert.equal(asked(), 0)
  link.setState('open')
  await turn()
  assert.deepEqual([asked(), useStore.getState().station?.seq], [1, 3])
  link.take({ event: bench(4) })
  assert.deepEqual([asked(), useStore.getState().station?.bench.units.length], [1, 0])
  setSeq(9)
  link.take({ event: bench(9) })
  await turn()
  assert.deepEqual([asked(), useStore.getState().station?.seq, useStore.getState().stale], [2, 9, false])
  end()
})

test('a lost line keeps what is shown, says that it is old, and asks anew when it is back', async () => {
  const { link, asked } = host()
  const end = followStation(link)
  link.setState('open')
  await turn()
  link.setState('lost')
  assert.deepEqual([useStore.getState().link, useStore.getState().stale], ['lost', true])
  assert.ok(useStore.getState().station)
  link.setState('open')
  await turn()
  assert.deepEqual([asked(), useStore.getState().stale], [2, false])
  end()
})

test('progress of all jobs is taken in together, not once per event', async () => {
  const { link } = host()
  const end = followStation(link)
  link.setState('open')
  await turn()
  let changes = 0
  const stop = useStore.subscribe(() => {
    changes += 1
  })
  for (let seq = 4; seq < 84; seq += 1)
    link.take({
      event: {
        seq,
        type: 'progress',
        job: 'job-token-3',
        patch: { stage: 'write', state: 'writing', doneBytes: seq, totalBytes: 100, remaining: 1, rate: null },
      },
    })
  assert.equal(changes, 0)
  link.take({ event: bench(84) })
  assert.equal(changes, 1)
  const job = useStore.getState().station?.batches[0].jobs.find(({ job }) => job === 'job-token-3')
  assert.equal(job?.doneBytes, 83)
  stop()
  end()
})

test('the job of a unit is the newest one', () => {
  const [old] = buildStation().batches
  const newer = { ...old, batch: 'second', jobs: [{ ...old.jobs[0], job: 'newer', state: 'writing' as const }] }
  const station = buildStation({ batches: [old, newer] })
  assert.equal(jobOf(station, old.jobs[0].unitKey)?.job, 'newer')
  assert.equal(jobOf(station, old.jobs[1].unitKey)?.job, old.jobs[1].job)
  assert.equal(jobOf(station, 'nobody'), null)
  assert.equal(unitOf(station, null), null)
})
