// Runs the appliance's commands as a person does, in memory of their output, on an appliance in a folder with a real disk
// image and real state files.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createOutbox } from '#device/agent/outbox.ts'
import { gateMemoryStore } from '#device/gate/memory-store.ts'
import type { OwnDiskOptions } from '#device/own-disk/own-disk.ts'
import type { Appliance, DeviceSettings, Program } from '#device/ports.ts'
import { runProgram } from '#device/program.ts'
import { cycleDeps } from '#device/update/cycle-deps.ts'
import type { CycleDeps } from '#device/update/cycle-types.ts'
import { updateStore } from '#device/update/store.ts'
import type { Asker } from '#device/update/words.ts'
import { type OwnAppliance, ownAppliance } from './own-appliance.ts'
import { SETTINGS } from './update-world.ts'

export interface Said {
  readonly exit: number
  readonly out: string
  readonly err: string
}

export interface ProgramWorld extends AsyncDisposable {
  readonly own: OwnAppliance
  readonly appliance: Appliance
  readonly reboots: string[]
  settings: DeviceSettings
  readonly deps: CycleDeps
  run(program: Program, argv: readonly string[], signal?: AbortSignal): Promise<Said>
  /** SHA-256 of the whole disk image. */
  digest(): Promise<string>
}

export async function programWorld(disk: Partial<OwnDiskOptions> = {}): Promise<ProgramWorld> {
  const own = await ownAppliance()
  const { paths, clock } = own
  const reboots: string[] = []
  const surprise = (damage: { code: string }) => {
    throw new Error(damage.code)
  }
  const appliance: Appliance = {
    paths,
    settings: async () => world.settings,
    readable: async () => ({ settings: world.settings, findings: [] }),
    disk: own.disk(disk),
    store: updateStore(paths, surprise),
    outbox: createOutbox({ state: paths.state, connect: async () => null }),
    gateMemory: gateMemoryStore(paths, surprise),
    clock,
    async reboot(reason) {
      reboots.push(reason)
    },
    sleep: async () => {},
    bootId: async () => '11111111-2222-3333-4444-555555555555',
  }
  const world: ProgramWorld = {
    own,
    appliance,
    reboots,
    settings: SETTINGS,
    deps: cycleDeps(appliance, 'osiris-update'),
    async run(program, argv, signal = new AbortController().signal) {
      const said = { out: '', err: '' }
      const sink = (name: 'out' | 'err') => ({
        write(text: string) {
          said[name] += text
        },
      })
      const exit = await runProgram({
        name: program.name,
        argv,
        streams: { stdout: sink('out'), stderr: sink('err'), env: {} },
        signal,
        load: async () => program,
        compose: async () => appliance,
      })
      return { exit, ...said }
    },
    async digest() {
      const hash = createHash('sha256')
      await pipeline(createReadStream(own.image), hash)
      return hash.digest('hex')
    },
    async [Symbol.asyncDispose]() {
      await own[Symbol.asyncDispose]()
    },
  }
  return world
}

/** A terminal at which somebody types this. */
export function typing(answer: string): Asker {
  const input = Object.assign(new PassThrough(), { isTTY: true })
  input.write(`${answer}\n`)
  return { input, output: new PassThrough() }
}
