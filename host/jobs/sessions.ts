// Planned jobs that wait for their confirmation: each is a unit of a runner that made its plan and holds its release open. A new
// plan for a unit ends the older one; what nobody confirms is ended after a while, and with its runner.
import { EngineError } from '#base/errors.ts'
import type { RunnerJob } from '#contract/runner.ts'
import type { PartitionView, PlanView, Problem, Token } from '#contract/views.ts'
import type { Plan } from '#model/plan.ts'
import { stepText, titleOf } from '#plan/plan-text.ts'
import { partitionsOfTable } from '../bench/unit-view.ts'
import type { Host, UnitEntry } from '../ports.ts'
import { problemOf } from '../problem.ts'
import { bytesOf } from './plan-bytes.ts'
import { openRunners, type SharedUnit } from './runners.ts'

const KEEP_MS = 30 * 60_000

export interface Session {
  readonly unit: UnitEntry
  readonly job: RunnerJob
  readonly plan: Plan
  readonly view: PlanView
  readonly runner: SharedUnit
}

/** What a person chose for the plan, by name. */
export type PlanAbout = Pick<PlanView, 'image' | 'config'>

export interface Sessions {
  /** Has a runner plan it; answers the plan, or why not. */
  plan(unit: UnitEntry, job: RunnerJob, about: PlanAbout): Promise<PlanView | readonly Problem[]>
  /** @throws EngineError `host.plan-gone` */
  get(planId: string): Session
  /** Takes it out: from now on the caller owns its place in the runner. */
  take(planId: string): Session
}

export function openSessions(host: Host): Sessions {
  const byPlan = new Map<string, { readonly session: Session; readonly timer: NodeJS.Timeout }>()
  /** The planning of each unit that was asked for last. */
  const newest = new Map<Token, symbol>()
  const planning = new Map<Token, SharedUnit>()
  const runners = openRunners(host)

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

  const endOlder = async (token: Token): Promise<void> => {
    await planning.get(token)?.[Symbol.asyncDispose]()
    for (const [id, { session }] of byPlan) if (session.unit.view.token === token) await end(id)
  }
  const ask = async (runner: SharedUnit, token: Token, job: RunnerJob) => {
    planning.set(token, runner)
    try {
      runner.send({ verb: 'plan', job, neverTouch: [...host.settings().neverTouch] })
      return await runner.answer(() => {})
    } finally {
      if (planning.get(token) === runner) planning.delete(token)
    }
  }
  // The runner is ours and this is its own plan; it will compare ids before it writes.
  const keep = (unit: UnitEntry, job: RunnerJob, about: PlanAbout, runner: SharedUnit, plan: Plan): PlanView => {
    const session = { unit, job, plan, runner, view: { ...planView(unit, plan), ...about } }
    const timer = setTimeout(() => endQuietly(plan.id), KEEP_MS)
    byPlan.set(plan.id, { session, timer })
    // What it planned cannot be done by another one.
    runner.gone.then(() => endQuietly(plan.id))
    return session.view
  }

  const get = (planId: string): Session => {
    const kept = byPlan.get(planId)
    if (!kept) throw new EngineError('host.plan-gone', { found: planId.slice(0, 16) })
    return kept.session
  }

  const plan: Sessions['plan'] = async (unit, job, about) => {
    const { token, refusals } = unit.view
    const mine = Symbol()
    newest.set(token, mine)
    // Before the older plan goes: its runner goes on with this one.
    const runner = refusals.length > 0 ? null : await runners.unit(job.target).catch(problemOf)
    await endOlder(token)
    if (runner === null) return refusals
    if ('code' in runner) return [runner]
    try {
      // Two windows may ask at the same moment: of one unit only the plan that was asked for last can be confirmed.
      const isNewest = () => newest.get(token) === mine
      const answer = isNewest() ? await ask(runner, token, job) : null
      if (!isNewest()) throw new EngineError('host.plan-gone', { found: token.slice(0, 16) })
      if (answer?.say === 'planned') return keep(unit, job, about, runner, answer.plan as Plan)
      await runner[Symbol.asyncDispose]()
      if (answer?.say !== 'failed')
        return [problemOf(new EngineError('runner.protocol', { problem: `"${answer?.say}" instead of "planned"` }))]
      if (answer.problems[0].code !== 'runner.closed') return answer.problems
      runner.retire()
      return await plan(unit, job, about)
    } catch (error) {
      await runner[Symbol.asyncDispose]()
      return [problemOf(error)]
    }
  }

  return {
    get,
    take(planId) {
      const session = get(planId)
      clearTimeout(byPlan.get(planId)?.timer)
      byPlan.delete(planId)
      return session
    },
    plan,
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
