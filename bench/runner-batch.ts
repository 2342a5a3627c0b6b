// Provisions disks as the console does it, without its window: one runner plans them all; the first is written alone, then the others.
// node bench/runner-batch.ts RELEASE KEYS LAYOUT JOURNAL DISK...
import type { RunnerJob } from '#contract/runner.ts'
import { startRunner } from '#host/runner-client.ts'
import { developmentRunner } from '#host/runner-command.ts'
import type { Plan } from '#model/plan.ts'

const [release, trust, layout, journal, ...disks] = process.argv.slice(2)
await using runner = await startRunner({ ...developmentRunner(), env: { ...process.env, SUDO_UID: undefined } })
const job: Omit<Extract<RunnerJob, { kind: 'provision' }>, 'target'> = {
  kind: 'provision',
  slots: ['A'],
  by: 'bench',
  ...{ at: new Date().toISOString(), release, trust, layout, journal },
  ...{ boot: null, config: null, luksKey: null, seed: null, allowOlder: null },
}

const planned = await Promise.all(
  disks.map(async (target) => {
    const unit = runner.unit()
    unit.send({ verb: 'plan', job: { ...job, target }, neverTouch: [] })
    const answer = await unit.answer(() => {})
    if (answer.say !== 'planned') throw new Error(JSON.stringify(answer))
    return { unit, plan: answer.plan as Plan }
  }),
)
const write = async ({ unit, plan }: (typeof planned)[number]): Promise<void> => {
  unit.send({ verb: 'apply', plan: plan.id })
  const answer = await unit.answer(() => {})
  if (answer.say !== 'done') throw new Error(JSON.stringify(answer))
}
const [first, ...others] = planned
await write(first)
await Promise.all(others.map(write))
