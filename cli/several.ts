// One command, several disks: all are planned before any is written, one question names them all, then each runs a job of its
// own (guard, lock, journal, report), fed by one reading of the release. One that fails leaves the others alone.
import { EngineError, type Finding, isEngineError } from '#base/errors.ts'
import { withLane } from '#engine/copy/lane.ts'
import type { Plan } from '#model/plan.ts'
import { checkDifferent } from '#node/disk/same-disk.ts'
import { checkOffered, type Job } from '#node/job/station.ts'
import { terminalOutput } from '#node/terminal/steady-stream.ts'
import { describePlan } from '#plan/describe.ts'
import type { CommandContext } from './commands.ts'
import { askToConfirm, printPlan } from './confirm.ts'
import { applyPlan, type DoneText, doneLines, planToEnd, type Wishes } from './job.ts'
import { findingsOf, type NamedFinding, NOTHING_WRITTEN, Refused } from './output.ts'

/** Disks that are looked at together. */
const LOOKING = 4

export interface UnitJob {
  readonly job: Job
  readonly done: DoneText
}

interface Planned extends UnitJob {
  readonly plan: Plan
}

/**
 * Refuses what needs no release: a disk that is named twice, or that is never written.
 * @throws Refused with every finding of every disk
 */
export async function checkDisks(paths: readonly string[], offered: boolean): Promise<void> {
  const findings: NamedFinding[] = [...(await checkDifferent(paths))]
  if (offered) findings.push(...(await findingsOfEach(paths, (path) => refusalsOf(checkOffered(path)))))
  if (findings.length > 0) throw new Refused(findings)
}

/** Plans, asks once, runs and reports the jobs of several disks; returns the exit code (docs/adr/0061). */
export async function runJobs(units: readonly UnitJob[], wishes: Wishes, context: CommandContext): Promise<number> {
  const { output, signal } = context
  const planned = await planAll(units)
  for (const { plan } of planned) {
    const text = describePlan(plan)
    output.unit(plan.disk.path).event({ type: 'plan', plan, text })
    printPlan(output, plan, text)
  }
  if (wishes.planOnly) {
    const plans = planned.map(({ plan }) => ({ disk: plan.disk.path, plan: plan.id }))
    output.result({ applied: false, disks: plans }, ['', 'Nothing was written (--plan).'])
    return 0
  }
  const disks = planned.map(({ plan }) => plan.disk)
  if (!wishes.yes) await askToConfirm(disks, { input: process.stdin, output: terminalOutput() }, signal)
  const ends = await Promise.all(planned.map((unit) => runOne(unit, context)))
  return tellAll(ends, context)
}

const refusalsOf = async (
  result: Promise<{ ok: true } | { ok: false; refusals: readonly Finding[] }>,
): Promise<readonly Finding[]> => {
  const found = await result
  return found.ok ? [] : found.refusals
}

/** Findings of every disk, by name; what is thrown about a disk is a finding of it, as long as nothing is written. */
async function findingsOfEach(
  paths: readonly string[],
  look: (path: string, index: number) => Promise<readonly Finding[]>,
): Promise<NamedFinding[]> {
  const found: NamedFinding[][] = paths.map(() => [])
  await withLane(LOOKING, async (start) => {
    for (const [index, disk] of paths.entries())
      await start(async () => {
        found[index] = (await look(disk, index).catch(thrownFindings)).map(({ code, details }) => ({
          ...{ code, details },
          disk,
        }))
      })
  })
  const [first = [], ...others] = found
  const alike = others.every((each) => JSON.stringify(bare(each)) === JSON.stringify(bare(first)))
  // What speaks against one disk, or against all alike (an unfit release), names none.
  return alike ? bare(first) : found.flat()
}

const bare = (findings: readonly NamedFinding[]): Finding[] => findings.map(({ code, details }) => ({ code, details }))

function thrownFindings(error: unknown): readonly Finding[] {
  if (!isEngineError(error) || error.code === 'job.cancelled') throw error
  return findingsOf(error)
}

/** @throws Refused when one of them is refused: then none is written. */
async function planAll(units: readonly UnitJob[]): Promise<readonly Planned[]> {
  const plans = new Map<number, Plan>()
  const paths = units.map(({ job }) => job.path)
  const refused = await findingsOfEach(paths, async (path, index) => {
    const { job } = units[index]
    const offered = job.look ? [] : await refusalsOf(checkOffered(path))
    if (offered.length > 0) return offered
    const planned = await planToEnd(job)
    if (!planned.ok) return planned.refusals
    plans.set(index, planned.value)
    return []
  })
  if (refused.length > 0) throw new Refused(refused)
  return units.flatMap((unit, index) => {
    const plan = plans.get(index)
    return plan ? [{ ...unit, plan }] : []
  })
}

interface End {
  readonly disk: string
  readonly exit: number
  readonly code: string
  readonly written: boolean
  readonly report: unknown
}

async function runOne({ job, plan, done }: Planned, context: CommandContext): Promise<End> {
  const { path: disk } = plan.disk
  const words = context.output.unit(disk)
  const ended = await applyPlan(job, plan, context, (event) => words.event(event))
  if (ended.ok) {
    words.done(ended.fields, doneLines(done, ended))
    return { disk, exit: 0, code: 'done', written: true, report: ended.file }
  }
  const { error, account } = ended
  const exit = words.failed(error, account)
  const [{ code }] = findingsOf(error)
  return { disk, exit, code, written: account.written, report: account.facts?.report ?? null }
}

/** The exit code of all that are not done where it is the same, else 1. */
export function exitOfAll(exits: readonly number[]): number {
  const bad = new Set(exits.filter((exit) => exit !== 0))
  const [first = 0] = bad
  return bad.size > 1 ? 1 : first
}

function tellAll(ends: readonly End[], { output }: CommandContext): number {
  const bad = ends.filter(({ exit }) => exit !== 0)
  if (bad.length === 0) {
    output.result({ applied: true, disks: ends }, ['', `All ${ends.length} disks are done.`])
    return 0
  }
  const exit = exitOfAll(ends.map((end) => end.exit))
  const details = {
    ...{ found: bad.length, expected: ends.length },
    disks: bad.map(({ disk, code }) => `${disk} (${code})`).join(', '),
  }
  const written = ends.some((end) => end.written)
  const sentence = written ? `${ends.length - bad.length} of ${ends.length} disks are done.` : NOTHING_WRITTEN.sentence
  output.failure(new EngineError('cli.not-all-done', details), { written, sentence, facts: { exit, disks: ends } })
  return exit
}
