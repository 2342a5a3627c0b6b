// How a unit, or a runner, says why it ended early. Promises: refusals and failures leave by one door, and whether anything was
// written is told first.
import { EngineError, type Finding, firstError } from '#base/errors.ts'
import type { FromRunner } from '#contract/runner.ts'
import { JobFailed } from '#engine/run-plan.ts'
import { problemOf } from '../problem.ts'

/** Findings that refuse, as an exception. */
export class Refused extends Error {
  readonly findings: readonly Finding[]
  constructor(findings: readonly Finding[]) {
    super('refused')
    this.findings = findings
  }
}

export function orRefuse<T>(result: { ok: true; value: T } | { ok: false; refusals: readonly Finding[] }): T {
  if (!result.ok) throw new Refused(result.refusals)
  return result.value
}

/** What is said that the protocol does not take. */
export const off = (problem: string): EngineError => new EngineError('runner.protocol', { problem })

type Failed = Extract<FromRunner, { say: 'failed' }>

/** What stopped it, and whether anything was written: a report answers that, and without one nothing was. */
export function lastWord(thrown: unknown): Failed {
  const error = firstError(thrown)
  const failed = error instanceof JobFailed ? error : null
  const cause = failed ? failed.cause : error
  const findings = cause instanceof Refused ? cause.findings : null
  return {
    say: 'failed',
    written: failed?.report.account.touched ?? false,
    problems: findings && findings.length > 0 ? findings.map(problemOf) : [problemOf(cause)],
    during: failed?.during ?? null,
    report: failed?.report ?? null,
  }
}

/** 3: refused, nothing was written; 1: anything else. */
export const exitFor = (thrown: unknown): number => (firstError(thrown) instanceof Refused ? 3 : 1)
