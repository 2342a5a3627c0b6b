// A whole console on a temporary folder with a room's key and release in its library and blank disk images on its bench;
// jobs are done as a person would: plan, confirm, wait.

import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import type { BatchView, PlanAnswer, Token } from '#contract/views.ts'
import type { Room } from '#e2e/cli/bench-room.ts'
import { NO_CONSENT } from '#host/consent.ts'
import { type Console, openConsole } from '#host/console.ts'
import { developmentRunner } from '#host/runner-command.ts'
import { eventually } from './fake-host.ts'

export const NO_SIGNAL = new AbortController().signal
const SIZE = 300_000_000

export interface ConsoleBench extends AsyncDisposable {
  readonly console: Console
  readonly data: string
  readonly image: Token
  readonly units: readonly Token[]
  readonly logged: readonly string[]
  provision(units: readonly Token[], slots?: 'A' | 'both'): Promise<PlanAnswer>
  /** Confirms and runs to the end. */
  run(answer: PlanAnswer): Promise<BatchView>
}

export interface BenchOptions {
  readonly name: string
  readonly disks: number
  /** Sizes as files; made blank when they are not there yet. */
  readonly reopen?: boolean
}

export async function openConsoleBench(room: Room, { name, disks, reopen }: BenchOptions): Promise<ConsoleBench> {
  const data = room.path(name)
  let chosen: readonly string[] = []
  const logged: string[] = []
  const console = await openConsole({
    consent: NO_CONSENT,
    dataDir: data,
    kind: 'browser',
    version: '0.1.0',
    chooser: async () => chosen,
    runnerFor: async () => ({
      ...developmentRunner(),
      env: { ...process.env, SUDO_UID: undefined, TWINSLOT_STATE: `${data}/state` },
    }),
    listDisks: async () => ({ disks: [], notes: [] }),
    echo: (line) => logged.push(line),
  })
  const { calls } = console
  const choose = async (purpose: 'image' | 'virtual-disk', path: string): Promise<Token> => {
    chosen = [path]
    return (await calls['file.choose']({ purpose }, NO_SIGNAL)).choices[0].file
  }
  if (!reopen) {
    await calls['settings.change']({ assistive: true, operator: 'Ada Lovelace' }, NO_SIGNAL)
    await calls['trust.import']({ armored: readFileSync(room.trust, 'utf8') }, NO_SIGNAL)
    await calls['image.import']({ file: await choose('image', room.release) }, NO_SIGNAL)
    mkdirSync(`${data}/disks`)
    for (let i = 0; i < disks; i++) {
      const path = `${data}/disks/disk-${i}.img`
      writeFileSync(path, '')
      truncateSync(path, SIZE)
      await calls['bench.add-file']({ file: await choose('virtual-disk', path) }, NO_SIGNAL)
    }
  }
  const { images, bench } = await calls['station.get']({}, NO_SIGNAL)
  const image = images[0].token
  return {
    console,
    data,
    image,
    units: bench.units.map(({ token }) => token),
    logged,
    provision: (units, slots = 'A') =>
      calls['plan.provision'](
        {
          units: [...units],
          image,
          boot: null,
          layout: room.path('small.yaml'),
          slots,
          config: null,
          allowOlder: null,
        },
        NO_SIGNAL,
      ),
    async run({ plans, refused }) {
      if (plans.length === 0) throw new Error(`refused: ${JSON.stringify(refused)}`)
      const { challenge, expected } = await calls['confirm.begin']({ plans: plans.map(({ plan }) => plan) }, NO_SIGNAL)
      let last: BatchView | null = null
      using _news = console.hub.listen((event) => {
        if (event.type === 'batch') last = event.batch
      })
      const { batch } = await calls['confirm.start']({ challenge, typed: expected }, NO_SIGNAL)
      return await eventually(() => (last?.batch === batch && last.state === 'done' ? last : null), 60_000)
    },
    [Symbol.asyncDispose]: () => console[Symbol.asyncDispose](),
  }
}
