// The appliance's programs in one file: which one it is says the first argument (usr/lib/twinslot/program passes the name
// by which it was called), or this file's own name. Loads that program only.
import { basename } from 'node:path'
import { scrubEnvironment } from '#node/os/clean-environment.ts'
import { listenForStop } from '#node/os/stop-signals.ts'
import { steadyStreams } from '#node/terminal/steady-stream.ts'
import { composeAppliance } from './compose.ts'
import type { Program } from './ports.ts'
import { runProgram } from './program.ts'

const PROGRAMS: Readonly<Record<Program['name'], () => Promise<Program>>> = {
  'health-gate': async () => (await import('./gate/health-gate.ts')).healthGate,
  'osiris-update': async () => (await import('./update/osiris-update.ts')).osirisUpdate,
  'hypernet-admin': async () => (await import('./update/hypernet-admin.ts')).hypernetAdmin,
  'twinslot-agent': async () => (await import('./agent/twinslot-agent.ts')).twinslotAgent,
}

const isProgram = (name: string): name is Program['name'] => Object.hasOwn(PROGRAMS, name)

async function main([self = '', ...words]: readonly string[]): Promise<number> {
  const streams = steadyStreams()
  const [first = '', ...rest] = words
  const own = basename(self).replace(/\.[a-z]+$/, '')
  const name = isProgram(own) ? own : first
  if (!isProgram(name)) {
    streams.stderr.write(`Name one of the programs: ${Object.keys(PROGRAMS).join(', ')}\n`)
    return 2
  }
  using stop = listenForStop()
  return await runProgram({
    name,
    argv: isProgram(own) ? words : rest,
    streams: { ...streams, env: process.env },
    signal: stop.signal,
    load: PROGRAMS[name],
    compose: composeAppliance,
  })
}

scrubEnvironment(process.env)
process.exitCode = await main(process.argv.slice(1))
// Whatever still hangs keeps nobody from starting it again.
setTimeout(() => process.exit(), 2000).unref()
