// Quitting, sleeping, notifying, boxes and words.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BatchView, UnitJobView } from '#contract/views.ts'
import { askChange, askConsent, askQuit, type Boxes, nativeChooser } from './dialogs.ts'
import { openQuitRules, type QuitNeeds } from './quit.ts'
import { languageOf, nativeText } from './text.ts'
import { followSleep, type JobNews, openJobWatch, openNewsReader, overallProgress } from './watch-jobs.ts'

function quitting(busy: boolean, answer = true, broken = false) {
  const done: string[] = []
  const needs: QuitNeeds = {
    busy: () => busy,
    async ask() {
      done.push('ask')
      return answer
    },
    async stopJobs() {
      done.push('stop')
      if (broken) throw new Error('the runner does not answer')
    },
    close: async () => void done.push('close'),
    leave: () => void done.push('leave'),
    log: () => void done.push('log'),
  }
  const rules = openQuitRules(needs)
  const request = () => {
    let prevented = false
    rules.requested({ preventDefault: () => (prevented = true) })
    assert.ok(prevented, 'Electron must not close anything by itself')
  }
  return { rules, done, request }
}

test('without a job quitting closes the host and leaves, without a question', async () => {
  const { rules, done, request } = quitting(false)
  request()
  await rules.settled()
  assert.deepEqual(done, ['stop', 'close', 'leave'])
})

test('during a job quitting asks; only "stop" stops the job, and it is stopped before anything is closed', async () => {
  const stays = quitting(true, false)
  stays.request()
  await stays.rules.settled()
  assert.deepEqual(stays.done, ['ask'])
  stays.request()
  await stays.rules.settled()
  assert.deepEqual(stays.done, ['ask', 'ask'], 'the next request asks again')
  const stops = quitting(true, true)
  stops.request()
  stops.request()
  await stops.rules.settled()
  assert.deepEqual(stops.done, ['ask', 'stop', 'close', 'leave'], 'who asks twice is asked once')
})

test('when closing fails, it is noted and the app still ends', async () => {
  const { rules, done, request } = quitting(false, true, true)
  request()
  await rules.settled()
  assert.deepEqual(done, ['stop', 'log', 'leave'])
})

test('the machine stays awake from the first job to the last, with one blocker', () => {
  let busy = false
  const calls: string[] = []
  const blocker = {
    start: (type: string) => calls.push(`start ${type}`),
    stop: (id: number) => void calls.push(`stop ${id}`),
  }
  const sleep = followSleep(blocker, () => busy)
  sleep.look()
  assert.deepEqual(calls, [])
  busy = true
  sleep.look()
  sleep.look()
  assert.deepEqual(calls, ['start prevent-app-suspension'])
  busy = false
  sleep.look()
  assert.deepEqual(calls, ['start prevent-app-suspension', 'stop 1'])
  busy = true
  sleep.look()
  sleep[Symbol.dispose]()
  assert.equal(calls.at(-1), 'stop 3')
})

const job = (state: UnitJobView['state'], name = 'job-1'): UnitJobView => ({
  job: name,
  batch: 'batch-1',
  unit: 'unit-1',
  unitKey: 'key',
  title: `Provision ${name}`,
  kind: 'provision',
  state,
  stage: 'write',
  steps: [],
  doneBytes: 25,
  totalBytes: 100,
  curve: [],
  startedAt: null,
  endedAt: null,
  remaining: null,
  limit: null,
  diagnosis: null,
  report: null,
})
const batch = (state: BatchView['state'], ...jobs: UnitJobView[]): BatchView => ({
  batch: 'batch-1',
  title: 'Provision 2 units',
  state,
  cause: null,
  jobs,
})

test('a failure, a question and the end are news, once each; progress is none', () => {
  const read = openNewsReader()
  assert.equal(read(batch('running', job('writing'))), null)
  assert.deepEqual(read(batch('running', job('failed'))), { news: 'failed', title: 'Provision job-1' })
  assert.equal(read(batch('running', job('failed'))), null)
  assert.equal(read(batch('running', job('failed'), job('needs-you', 'job-2')))?.title, 'Provision job-2')
  assert.equal(read(batch('asks', job('failed')))?.news, 'asks')
  assert.equal(read(batch('asks', job('failed'))), null)
  assert.equal(read(batch('running', job('failed'))), null)
  assert.equal(read(batch('asks', job('failed')))?.news, 'asks', 'asked again later')
  assert.deepEqual(read(batch('done', job('failed'))), { news: 'done', title: 'Provision 2 units' })
  assert.equal(read(batch('done', job('failed'))), null)
})

test('news are told while nobody looks at the window, and progress is drawn always', () => {
  let focused = true
  const told: JobNews[] = []
  const drawn: (number | null)[] = []
  let looks = 0
  const watch = openJobWatch({
    sleep: { look: () => void looks++ },
    isFocused: () => focused,
    notify: (news) => void told.push(news),
    showProgress: (part) => void drawn.push(part),
  })
  watch({ seq: 1, type: 'batch', batch: batch('running', job('failed')) })
  focused = false
  watch({ seq: 2, type: 'batch', batch: batch('running', job('failed'), job('failed', 'job-2')) })
  watch({ seq: 3, type: 'images', images: [] })
  watch({ seq: 4, type: 'batch', batch: batch('done', job('failed')) })
  assert.deepEqual(
    told.map(({ news }) => news),
    ['failed', 'done'],
  )
  assert.deepEqual(drawn, [0.25, 0.25, null])
  assert.equal(looks, 3)
  assert.equal(overallProgress([]), null)
})

const say = (key: Parameters<typeof nativeText>[1], values?: Record<string, string | number>) =>
  nativeText('en', key, values)

test('in every box the first button is the safe one, and both Enter and Esc give it', async () => {
  const shown: Parameters<Boxes['message']>[0][] = []
  const boxes = (response: number) => ({
    message: async (options: Parameters<Boxes['message']>[0]) => {
      shown.push(options)
      return { response }
    },
  })
  assert.equal(await askQuit(boxes(0), say), false)
  assert.equal(await askQuit(boxes(1), say), true)
  assert.equal(await askChange(boxes(0), say, [{ kind: 'assistive' }]), false)
  assert.equal(await askChange(boxes(1), say, [{ kind: 'assistive' }]), true)
  assert.equal(await askConsent(boxes(1), say, 'en', []), false, 'a yes to nothing is none')
  for (const { defaultId, cancelId, buttons } of shown) {
    assert.deepEqual([defaultId, cancelId], [0, 0])
    assert.match(buttons[0], /^(Keep running|Cancel)$/)
  }
})

test('a native dialog answers one path or none, of the kinds that fit the purpose', async () => {
  const asked: Parameters<Boxes['open']>[0][] = []
  const boxes = (canceled: boolean) => ({
    open: async (options: Parameters<Boxes['open']>[0]) => {
      asked.push(options)
      return { canceled, filePaths: canceled ? [] : ['/a.twinslot', '/b.twinslot'] }
    },
  })
  assert.deepEqual(await nativeChooser(boxes(false), say)('image'), ['/a.twinslot'])
  assert.deepEqual(await nativeChooser(boxes(true), say)('config-folder'), [])
  assert.deepEqual([asked[0].properties, asked[1].properties], [['openFile'], ['openDirectory']])
  assert.deepEqual(asked[0].filters[0].extensions, ['twinslot', 'img', 'iso'])
})

test('native words follow the setting, else the system, else English; no hole stays open', () => {
  assert.equal(languageOf('de', ['fr-FR']), 'de')
  assert.equal(languageOf('system', ['pt-BR', 'AR-EG', 'de']), 'ar')
  assert.equal(languageOf('system', ['pt-BR']), 'en')
  for (const language of ['en', 'de', 'fr', 'es', 'ar'] as const) {
    assert.match(nativeText(language, 'news.failed', { title: 'SN1' }), /SN1/)
    assert.doesNotMatch(nativeText(language, 'quit.detail'), /[{}]/)
  }
})
