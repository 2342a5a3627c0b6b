// Planned jobs that wait for their confirmation: each is a runner that made a plan and holds its release open. A new plan
// for a unit ends the older one; what nobody confirms is ended after a while.
import { EngineError } from '#base/errors.ts'
import type { RunnerJob } from '#contract/runner.ts'
import type { PartitionView, PlanView, Problem, Token } from '#contract/views.ts'
import type { Plan } from '#model/plan.ts'
import { stepText, titleOf } from '#plan/plan-text.ts'
import { partitionsOfTable } from '../bench/unit-view.ts'
import type { Host, UnitEntry } from '../ports.ts'
import { problemOf } from '../problem.ts'
import { type Runner, startRunner } from '../runner-client.ts'
import { bytesOf } from './plan-bytes.ts'

const KEEP_MS = 30 * 60_000

export interface Session {
  readonly unit: UnitEntry
  readonly job: RunnerJob
  readonly plan: Plan
  readonly view: PlanView
  readonly runner: Runner
}

/** What a person chose for the plan, by name. */
export type PlanAbout = Pick<PlanView, 'image' | 'config'>

export interface Sessions {
  /** Starts a runner that plans; answers the plan, or why not. */
  plan(unit: UnitEntry, job: RunnerJob, about: PlanAbout): Promise<PlanView | readonly Problem[]>
  /** @throws EngineError `host.plan-gone` */
  get(planId: string): Session
  /** Takes it out: from now on the caller owns the runner. */
  take(planId: string): Session
}

export function openSessions(host: Host): Sessions {
  const byPlan = new Map<string, { readonly session: Session; readonly timer: NodeJS.Timeout }>()
  /** The planning of each unit that was asked for last. */
  const newest = new Map<Token, symbol>()

  const end = async (planId: string): Promise<void> => {
    const kept = byPlan.get(planId)
    if (!kept) return
    byPlan.delete(planId)
    clearTimeout(kept.timer)
    await kept.session.runner[Symbol.asyncDispose]()
  }
  const endQuietly = (planId: string): void => {
    end(planId).catch((error: unknown) => host.log(`runner: ${problemOf(error).message}`))
  }
  host.signal.addEventListener('abort', () => [...byPlan.keys()].forEach(endQuietly), { once: true })

  const get = (planId: string): Session => {
    const kept = byPlan.get(planId)
    if (!kept) throw new EngineError('host.plan-gone', { found: planId.slice(0, 16) })
    return kept.session
  }

  return {
    get,
    take(planId) {
      const session = get(planId)
      clearTimeout(byPlan.get(planId)?.timer)
      byPlan.delete(planId)
      return session
    },
    async plan(unit, job, about) {
      const mine = Symbol()
      newest.set(unit.view.token, mine)
      for (const [id, { session }] of byPlan) if (session.unit.view.token === unit.view.token) await end(id)
      if (unit.view.refusals.length > 0) return unit.view.refusals
      const runner = await startRunner(await host.runnerFor(job.target)).catch((error: unknown) => problemOf(error))
      if ('code' in runner) return [runner]
      try {
        runner.send({ verb: 'plan', job, neverTouch: [...host.settings().neverTouch] })
        const answer = await runner.answer(() => {})
        if (answer.say === 'planned') {
          // The runner is ours and this is its own plan; it will compare ids before it writes.
          const plan = answer.plan as Plan
          // Two windows may ask at the same moment: of one unit only the plan that was asked for last can be confirmed.
          if (newest.get(unit.view.token) !== mine)
            throw new EngineError('host.plan-gone', { found: plan.id.slice(0, 16) })
          const session = { unit, job, plan, runner, view: { ...planView(unit, plan), ...about } }
          const timer = setTimeout(() => endQuietly(plan.id), KEEP_MS)
          byPlan.set(plan.id, { session, timer })
          return session.view
        }
        await runner[Symbol.asyncDispose]()
        if (answer.say === 'failed') return answer.problems
        return [problemOf(new EngineError('runner.protocol', { problem: `"${answer.say}" instead of "planned"` }))]
      } catch (error) {
        await runner[Symbol.asyncDispose]()
        return [problemOf(error)]
      }
    },
  }
}

function planView(unit: UnitEntry, plan: Plan): Omit<PlanView, keyof PlanAbout> {
  const before = unit.view.partitions
  return {
    plan: plan.id,
    unit: unit.view.token,
    title: titleOf(plan),
    erased: plan.erased,
    kept: plan.kept,
    steps: plan.steps.map(stepText),
    before,
    after: partitionsAfter(plan, before),
    diskSize: plan.disk.size,
    bytes: bytesOf(plan, unit.view.recovery),
    warnings: unit.view.warnings,
  }
}

function partitionsAfter(plan: Plan, before: readonly PartitionView[]): readonly PartitionView[] {
  const table = plan.steps.find((step) => step.type === 'write-table')
  const version = plan.release?.version ?? ''
  const written = plan.steps.flatMap((step) => (step.type === 'write-image' ? [step.slot] : []))
  const base = table ? partitionsOfTable(table.table) : before
  return base.map((part) => {
    const holds = written.some((slot) => part.role === (slot === 'A' ? 'slot-a' : 'slot-b'))
    return holds ? { ...part, holds: version } : part
  })
}
