// The program `twinslot-agent`: the loop that checks in, follows orders, the fleet and the channel, and reports. Runs until
// SIGTERM; systemd starts it after the health gate (Type=exec: nothing waits for it to be ready).
import { EngineError, explain } from '#base/errors.ts'
import { parseProbes } from '../gate/probe-list.ts'
import type { Program } from '../ports.ts'
import { configFile, readSettings } from '../settings.ts'
import { persistApiKey } from '../settings-write.ts'
import { createCycle } from '../update/cycle.ts'
import { builtAt, cycleDeps } from '../update/cycle-deps.ts'
import { runAgent } from './agent.ts'
import { createFleetApi } from './api-client.ts'
import { hostFacts } from './check-in.ts'
import { loadOrderKeys } from './order-keys.ts'

const USAGE = `Usage: twinslot-agent

Checks in with the fleet server of config.yaml every poll interval (agent.poll_interval, 60 seconds at first), follows
signed update orders, the fleet's pending updates and updates.yaml, drives the update under way and reports its status.
Runs until it is told to end (SIGTERM). What it does is told on standard error.

  --root DIR   the appliance's files are below DIR
  --version    version of the release that this program belongs to`

export const twinslotAgent: Program = {
  name: 'twinslot-agent',
  usage: USAGE,
  async run({ argv, signal, appliance, note, progress }) {
    const [word] = argv
    if (word !== undefined) {
      const problem = `"${word}" is not understood; this program takes no words.`
      throw new EngineError('update.usage', { program: 'twinslot-agent', problem })
    }
    const { paths } = appliance
    const parts = {
      appliance,
      createCycle: (eared: typeof appliance) =>
        createCycle(eared, cycleDeps(eared, 'twinslot-agent', { emit: progress })),
      connect: createFleetApi,
      host: hostFacts,
      persistKey: (key: string) => persistApiKey(paths, key),
      orderKeys: () => loadOrderKeys(paths),
      builtAt: builtAt(),
      random: Math.random,
      note,
    }
    note(`The agent begins; its state is in ${paths.state}, its configuration in ${await configFile(paths)}.`)
    for (const remark of (await readSettings(paths, parseProbes)).remarks) note(explain(remark).message)
    await runAgent(parts, signal)
    note('The agent ends; an update under way goes on with its next start.')
    return 0
  },
}
