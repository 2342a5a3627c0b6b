// The technician's main job, through the window: one unit, four units at once, the certificate; judged by the command line.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askToStart, button, confirmation, en, ended, endOfJob, planProvision, tile, typeAndStart } from './hands.ts'
import { consoleSpec } from './spec.ts'

const spec = consoleSpec({ disks: ['T640', 'unit-1', 'unit-2', 'unit-3', 'unit-4'] })
const { skip } = spec

async function verifiedByTheCommandLine(name: string, slot: 'A' | 'B'): Promise<void> {
  const { it, station } = spec
  const options = ['--slot', slot, '--release', it.one, '--trust', it.trust]
  const { exit, result } = await it.room.run(['verify', station.disk(name), ...options])
  assert.equal(exit, 0, JSON.stringify(result))
}

test('one unit: chosen by hand, planned, its name typed, written, read back, and the command line agrees', {
  skip,
}, async () => {
  await using window = await spec.station.open()
  const { page } = window
  assert.equal(
    await page.getByText(en('bench.selected', { count: 0 }), { exact: true }).count(),
    1,
    'nothing is selected',
  )
  await planProvision(page, { units: ['T640'], image: 'one.twinslot', slots: 'both' })
  await page.getByRole('heading', { name: en('plan.erased'), exact: true }).waitFor()
  await askToStart(page)
  const dialog = confirmation(page)
  const start = button(dialog, en('confirm.start', { count: 1 }))
  assert.ok(await start.isDisabled(), 'nothing can be started before something was typed')
  await dialog.getByRole('textbox').fill('T641')
  await dialog.getByText(en('confirm.wrong')).waitFor()
  assert.ok(await start.isDisabled(), 'nor with another name')
  await typeAndStart(page, ' t640')
  assert.equal(await endOfJob(page), en('state.verified'))
  await page.getByText(en('run.verifiedText')).waitFor()
  await verifiedByTheCommandLine('T640', 'A')
  await verifiedByTheCommandLine('T640', 'B')
})

test('four units: their number is typed, the first goes alone, then the others; all are verified', {
  skip,
}, async () => {
  const units = ['unit-1', 'unit-2', 'unit-3', 'unit-4']
  const alone: boolean[] = []
  using _news = spec.station.listen((event) => {
    if (event.type !== 'batch' || event.batch.jobs.length !== 4) return
    const [first, ...others] = event.batch.jobs
    if (first.endedAt === null) alone.push(others.every(({ startedAt }) => startedAt === null))
  })
  await using window = await spec.station.open()
  const { page } = window
  await planProvision(page, { units, image: 'one.twinslot' })
  await askToStart(page, 4)
  await typeAndStart(page, '4', 4)
  await page.getByText(en('run.state.first-unit')).waitFor()
  await ended(
    page,
    ['state.verified', 'state.verified', 'state.verified', 'state.verified'].map((key) => en(key as 'state.verified')),
  )
  await page.getByText(en('run.state.done'), { exact: true }).waitFor()
  for (const unit of units) assert.equal(await tile(page, unit).count(), 1)
  assert.ok(alone.length > 0 && alone.every(Boolean), 'no unit started before the first had ended')
  for (const unit of units) await verifiedByTheCommandLine(unit, 'A')
})
