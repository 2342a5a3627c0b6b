// The page names no path: every text of every call of the contract, one after the other, is replaced by the name of a file that
// is there and readable. Whatever the host answers, it has not opened that file and shows nothing of it. The calls are
// taken from the contract itself, so a new one is in this test before anybody thinks of it.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { CONSOLE_CALLS, type ConsoleCall } from '#contract/console.ts'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import { type ConsoleBench, NO_SIGNAL, openConsoleBench } from '#testing/console-bench.ts'

const CANARY = 'canary-3f9a-nobody-may-read-this'
const OLD = new Date('2001-01-01')

let room: Room
let bench: ConsoleBench
let secret: string
before(async () => {
  room = await openRoom()
  bench = await openConsoleBench(room, { name: 'paths', disks: 1 })
  secret = room.path('secret.yaml')
  writeFileSync(secret, `${CANARY}: [\n${CANARY}\n`)
  symlinkSync(secret, room.path('link'))
})
after(async () => {
  await bench[Symbol.asyncDispose]()
  await room[Symbol.asyncDispose]()
})

interface Schema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly minimum?: number
}

/** Places of texts in what a call takes, as paths of keys; `0` for the items of a list. */
function textsIn(schema: Schema, at: readonly string[] = []): (readonly string[])[] {
  if (schema.anyOf) return schema.anyOf.flatMap((each) => textsIn(each, at))
  if (schema.type === 'string') return [at]
  if (schema.items) return textsIn(schema.items, [...at, '0'])
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => textsIn(value, [...at, key]))
}

/** Something that the call would take, with real tokens where it has them. */
function sample(schema: Schema, key: string, real: Readonly<Record<string, string>>): unknown {
  if (Object.hasOwn(real, key)) return schema.items ? [real[key]] : real[key]
  if (schema.anyOf) return schema.anyOf.some(({ type }) => type === 'null') ? null : sample(schema.anyOf[0], key, real)
  if (schema.enum) return schema.enum[0]
  if (schema.type === 'boolean') return false
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(schema.minimum ?? 1, 1e9)
  if (schema.type === 'string') return 'plain'
  if (schema.items) return [sample(schema.items, key, real)]
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, each]) => [name, sample(each, name, real)]),
  )
}

function put(value: unknown, [key, ...rest]: readonly string[], text: string | null): unknown {
  if (key === undefined) return text
  if (Array.isArray(value)) return [put(value[0], rest, text)]
  const object = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  return { ...object, [key]: put(object[key], rest, text) }
}

const names = (): string[] => [
  secret,
  room.path('link'),
  pathToFileURL(secret).href,
  `../../../../../../../..${secret}`,
  `..${secret}`,
  `./../../${secret.split('/').slice(-2).join('/')}`,
  `${secret}\u0000.yaml`,
  `@${secret}`,
  `$(cat ${secret})`,
  `--layout=${secret}`,
  'secret.yaml',
  '../secret.yaml',
]

/** Who reads a file that was not read since it was written moves its time of access (relatime). */
const rest = (): void => utimesSync(secret, OLD, new Date('2002-01-01'))
const wasRead = (): boolean => statSync(secret).atimeMs !== OLD.getTime()

test('the page names no path in any text of any call: nothing is opened, nothing is quoted, nothing is made elsewhere', async (t) => {
  rest()
  readFileSync(secret)
  const seen = wasRead()
  if (!seen) t.diagnostic('this file system keeps no times of access: only the answers are judged')
  const { calls, endpoint } = bench.console
  const station = await calls['station.get']({}, NO_SIGNAL)
  const folder = room.path('config')
  mkdirSync(folder)
  writeFileSync(join(folder, 'version'), '2\n')
  const [unit] = bench.units
  const real = { units: unit, unit, image: bench.image, file: station.images[0].token }
  const around = readdirSync(room.path('.')).sort()
  let id = 0
  let tried = 0
  for (const [call, schema] of Object.entries(CONSOLE_CALLS) as [ConsoleCall, z.ZodType][]) {
    const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema
    const whole = sample(shape, '', real)
    for (const place of textsIn(shape)) {
      let works = 0
      for (const name of names()) {
        // Where the text is taken (a reason, an operator) each try is a whole plan: the plain forms are enough there.
        if (works === 2) break
        // A draft is of a unit or of a file; both at once would be of the unit.
        const base = call === 'config.open' && place[0] === 'file' ? put(whole, ['unit'], null) : whole
        rest()
        id += 1
        tried += 1
        const answer = await endpoint.answer({ id, call, params: put(base, place, name) }, AbortSignal.timeout(20_000))
        const what = `${call} ${place.join('.')} = ${JSON.stringify(name)}`
        if ('ok' in answer && (answer.ok || !['host.bad-call', 'host.unknown-token'].includes(answer.problem.code)))
          works += 1
        assert.ok(!JSON.stringify(answer).includes(CANARY), what)
        if (seen) assert.ok(!wasRead(), what)
      }
    }
  }
  assert.ok(tried > 200, `${tried} tried`)
  assert.ok(!bench.logged.join('\n').includes(CANARY))
  assert.deepEqual(readdirSync(room.path('.')).sort(), around)
  assert.match(readFileSync(secret, 'utf8'), new RegExp(CANARY))
})

test('a layout is one of the built-in ones, by its name', async () => {
  const wish = { units: [bench.units[0]], image: bench.image, boot: null, slots: 'A', config: null, allowOlder: null }
  for (const layout of ['/etc/shadow', secret, 'small.yaml', '', 'constructor', 'hp-t640/../hp-t640']) {
    const answer = await bench.console.endpoint.answer(
      { id: 1, call: 'plan.provision', params: { ...wish, layout } },
      NO_SIGNAL,
    )
    assert.equal('ok' in answer && !answer.ok && answer.problem.code, 'host.bad-call', layout)
  }
})
