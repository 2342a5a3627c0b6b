// What the window costs: the first screen, 500 units on the bench, eight jobs with ten events a second. Times are printed as
// figures and never asserted; what is asserted are counts that do not depend on the machine.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { UnitJobView } from '#contract/views.ts'
import { buildJob, buildManyUnits } from '#renderer/testing/fixtures.ts'
import { en, tile } from './hands.ts'
import { openStation } from './open-console.ts'
import { browserOnly, consoleSpec } from './spec.ts'
import { goTo } from './station.ts'

const spec = consoleSpec(
  {
    async open(it) {
      const options = { data: it.room.path('data'), trust: it.trust, releases: [it.one], disks: ['T640'] }
      await (await openStation(options))[Symbol.asyncDispose]()
      const start = performance.now()
      const station = await openStation(options)
      figure(
        `console: host ready after ${Math.round(performance.now() - start)} ms (warm, one image, one virtual disk)`,
      )
      return station
    },
  },
  browserOnly('events that no job sends'),
)
const { skip } = spec

const figure = (text: string): void => console.log(`figure: ${text}`)

test('the first screen is drawn from one snapshot', { skip }, async () => {
  await using window = await spec.station.open()
  const { page } = window
  const address = spec.station.host.web.newUrl()
  const start = performance.now()
  await page.goto(address)
  await page.getByRole('row').first().waitFor()
  figure(`console: first screen ${Math.round(performance.now() - start)} ms after its address was opened`)
  const files = (await page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")) as string[]
  assert.ok(files.length < 20, `${files.length} files for the first screen`)
})

/** Text at once as a fast typist's, the list scrolled meanwhile. */
async function typeWhileScrolling(page: Page, text: string): Promise<void> {
  let typing = true
  const scroll = (async () => {
    for (let down = 1; typing; down = -down) await page.mouse.wheel(0, down * 900)
  })()
  await page.keyboard.type(text, { delay: 15 })
  typing = false
  await scroll
}

test('500 units: the list scrolls while the filter is typed, no letter is lost, few rows exist', { skip }, async () => {
  await using window = await spec.station.open()
  const { page } = window
  const { bench } = await spec.station.view()
  const units = buildManyUnits(500)
  spec.station.host.console.hub.tell({ type: 'bench', bench: { units, hidden: [], problem: null } })
  await page.getByText(en('bench.description', { count: 500 }), { exact: true }).waitFor()
  await page.locator('.bench-list').hover()
  await page.keyboard.press('/')
  const typed = `${units[333].serial} ${units[333].serial?.slice(2)} ${units[333].serial?.slice(4)}`
  const start = performance.now()
  await typeWhileScrolling(page, typed)
  figure(`console: ${typed.length} keys in ${Math.round(performance.now() - start)} ms while 500 units are scrolled`)
  assert.equal(await page.getByRole('searchbox').inputValue(), typed)
  await page.getByText(en('bench.shown', { shown: 1, count: 500 }), { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  assert.equal(await page.getByRole('searchbox').inputValue(), '')
  await page.getByRole('row').nth(5).waitFor()
  const rows = await page.getByRole('row').count()
  figure(`console: ${rows} of 500 rows in the document`)
  assert.ok(rows < 60, `${rows} rows`)
  spec.station.host.console.hub.tell({ type: 'bench', bench })
})

const COUNT = 8
const jobs: readonly UnitJobView[] = Array.from({ length: COUNT }, (_, i) =>
  buildJob({ job: `job-number-${i}`, batch: 'batch-of-eight', unitKey: `unit-${i}`, title: `UNIT0${i}` }),
)

/** One event of one job: bytes, and once a second a new value of the curve. */
function progress(index: number, beat: number): void {
  const { job, totalBytes } = jobs[index]
  const rate = beat % 10 === 9 ? 180e6 + beat * 1e5 : null
  const patch = {
    stage: 'write',
    state: 'writing',
    doneBytes: (beat * 30e6) % totalBytes,
    totalBytes,
    remaining: 90,
    rate,
  } as const
  spec.station.host.console.hub.tell({ type: 'progress', job, patch })
}

async function showEight(page: Page): Promise<void> {
  spec.station.host.console.hub.tell({
    type: 'batch',
    batch: { batch: 'batch-of-eight', title: 'Eight', state: 'running', cause: null, jobs },
  })
  await goTo(page, 'run/batch-of-eight')
  await tile(page, 'UNIT07').waitFor()
}

test('progress of one job draws only its own tile anew', { skip }, async () => {
  await using window = await spec.station.open()
  const { page } = window
  await showEight(page)
  await page.evaluate(`(() => {
    window.touched = {}
    const tiles = [...document.querySelectorAll('.batch-grid .tile')]
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const tile = tiles.findIndex((each) => each.contains(target))
        window.touched[tile] = (window.touched[tile] ?? 0) + 1
      }
    }).observe(document.querySelector('.batch-grid'), { subtree: true, childList: true, characterData: true, attributes: true })
  })()`)
  for (let beat = 1; beat <= 20; beat++) {
    progress(3, beat)
    await delay(100)
  }
  const touched = (await page.evaluate('window.touched')) as Readonly<Record<string, number>>
  assert.deepEqual(Object.keys(touched), ['3'])
})

const SECONDS = 5

test('eight jobs with ten events a second: what the window costs meanwhile', { skip }, async () => {
  await using window = await spec.station.open()
  const { page } = window
  await showEight(page)
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  const metric = async (name: string) =>
    (await devtools.send('Performance.getMetrics')).metrics.find((each) => each.name === name)?.value ?? 0
  await page.evaluate(`(() => {
    window.longTasks = 0
    new PerformanceObserver((list) => { window.longTasks += list.getEntries().length }).observe({ entryTypes: ['longtask'] })
  })()`)
  const [busy, start] = [await metric('TaskDuration'), performance.now()]
  for (let beat = 1; beat <= SECONDS * 10; beat++) {
    for (let index = 0; index < COUNT; index++) progress(index, beat)
    await delay(100)
  }
  const took = (performance.now() - start) / 1000
  const share = ((await metric('TaskDuration')) - busy) / took
  const long = await page.evaluate('window.longTasks')
  figure(
    `console: 8 jobs at 10 events/s take ${(share * 100).toFixed(1)} % of one core, ${long} long tasks in ${took.toFixed(1)} s`,
  )
  const [idle, from] = [await metric('TaskDuration'), performance.now()]
  await delay(3000)
  const rest = ((await metric('TaskDuration')) - idle) / ((performance.now() - from) / 1000)
  figure(`console: an idle window takes ${(rest * 100).toFixed(2)} % of one core`)
  const shown = await tile(page, 'UNIT00').locator('.tile-percent').innerText()
  assert.match(shown, /\d+ %/)
})
