// One runner session: reads requests from its line stream, looks, plans, waits for the go-ahead, applies, answers. It has
// one target and one job, is never handed a plan, and starts only the plan that it made itself. Everything that comes in
// is checked with the contract's schemas; the first thing that does not fit ends the session with nothing written.

import { EngineError, type Finding, firstError, isEngineError } from '#base/errors.ts'
import type { FromRunner } from '#contract/runner.ts'
import { MAX_LINE, type RunnerJob, type ToRunner, toRunner } from '#contract/runner.ts'
import { observeDisk } from '#engine/observe.ts'
import type { JobEvent } from '#engine/ports.ts'
import { JobFailed } from '#engine/run-plan.ts'
import { boundedJson } from '#format/bounded-json.ts'
import type { DiskIdentity } from '#model/disk.ts'
import type { Plan } from '#model/plan.ts'
import { SLOTS, type Slot } from '#model/slot.ts'
import { readConfigOf } from '#node/config/read-config.ts'
import { checkRecordedSlot } from '#node/disk/check-recorded-slot.ts'
import { describeDiskPath } from '#node/disk/inventory.ts'
import { type JournalFiles, journalFiles } from '#node/job/journal-file.ts'
import { applyJob, checkOffered, lookAt, openDisk, planJob, systemClock } from '#node/job/station.ts'
import { openStationJob, type StationJob } from '#node/job/station-job.ts'
import { notAbDisk } from '#plan/flash.ts'
import { problemOf } from '../problem.ts'
import type { Authority } from './authority.ts'
import { withMismatch } from './mismatch.ts'
import { watchSurroundings } from './surroundings.ts'
import { latestPerStep } from './throttle.ts'

export interface SessionIo {
  /** Lines as they come; its end means that nobody listens any more. */
  readonly lines: AsyncIterable<string>
  say(message: FromRunner): void
  /** Asked once, before the first request is read. @throws EngineError `runner.caller` */
  authority(): Authority
}

/** Findings that refuse, as an exception, so that refusals and failures leave by one door. */
class Refused extends Error {
  readonly findings: readonly Finding[]
  constructor(findings: readonly Finding[]) {
    super('refused')
    this.findings = findings
  }
}

const off = (problem: string): EngineError => new EngineError('runner.protocol', { problem })

function parseLine(line: string): ToRunner {
  if (line.length > MAX_LINE) throw off(`a line of ${line.length} characters`)
  let value: unknown
  try {
    value = boundedJson(line, MAX_LINE)
  } catch {
    throw off('a line that is no JSON')
  }
  const parsed = toRunner.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw off(`${issue.path.join('.') || 'the message'}: ${issue.message}`)
}

/** Runs to the end of the job, of the input, or of patience; answers the exit code. Never throws. */
export async function runSession(io: SessionIo): Promise<number> {
  const stop = new AbortController()
  const inbox = openInbox(io.lines, stop)
  io.say({ say: 'hello', protocol: 1 })
  try {
    await converse({ ...io, authority: io.authority() }, inbox.next, stop.signal)
    return 0
  } catch (error) {
    io.say(lastWord(error))
    return error instanceof Refused ? 3 : 1
  } finally {
    inbox.close()
  }
}

/** A session whose authority is known. */
type Io = Pick<SessionIo, 'say'> & { readonly authority: Authority }

async function converse(io: Io, next: () => Promise<ToRunner>, signal: AbortSignal): Promise<void> {
  const first = await next()
  switch (first.verb) {
    case 'look':
      io.say({ say: 'seen', sight: await lookAt(await io.authority.target(first.target)) })
      return
    case 'check':
      io.say({ say: 'checked', ...(await checkSlots(await io.authority.readable(first.target), signal, io)) })
      return
    case 'config': {
      const { files, newest, left } = await readConfigOf(await io.authority.readable(first.target), signal)
      const packed = files.map(({ path, mode, bytes }) => ({
        path,
        mode,
        base64: Buffer.from(bytes).toString('base64'),
      }))
      io.say({ say: 'config', files: packed, newest, left: [...left] })
      return
    }
    case 'plan': {
      const asked = {
        job: await io.authority.job(first.job),
        neverTouch: await io.authority.neverTouch(first.neverTouch),
      }
      await using open = await openWish(asked.job, io, signal)
      const plan = await planOnce(asked, open, io)
      io.say({ say: 'planned', plan })
      const second = await next()
      if (second.verb !== 'apply') throw off(`"${second.verb}" instead of "apply"`)
      if (second.plan !== plan.id)
        throw new EngineError('runner.off-plan', { expected: plan.id.slice(0, 16), found: second.plan.slice(0, 16) })
      await apply(open, plan, asked, io, signal)
      return
    }
    default:
      throw off(`"${first.verb}" before "plan"`)
  }
}

const openWish = (job: RunnerJob, io: Io, signal: AbortSignal): Promise<StationJob> =>
  openStationJob(job, {
    signal,
    readTrust: io.authority.readTrust,
    opened() {},
    progress: latestPerStep((event) => io.say({ say: 'event', event })).authenticating,
  })

function orRefuse<T>(result: { ok: true; value: T } | { ok: false; refusals: readonly Finding[] }): T {
  if (!result.ok) throw new Refused(result.refusals)
  return result.value
}

export function checkNeverTouch(identity: DiskIdentity, neverTouch: readonly string[]): void {
  const serial = identity.serial?.toLowerCase()
  if (serial && neverTouch.some((each) => each.trim().toLowerCase() === serial))
    throw new EngineError('runner.never-touch', { found: identity.serial ?? '' })
}

async function planOnce({ job, neverTouch }: Asked, open: StationJob, io: Io): Promise<Plan> {
  const disk = orRefuse(await checkOffered(job.target))
  checkNeverTouch(disk.identity, neverTouch)
  return orRefuse(await planJob(open.job, journalOf(job, io)))
}

const journalOf = (job: RunnerJob, { authority }: Io): JournalFiles =>
  journalFiles('journal' in job ? job.journal : authority.journal)

interface Asked {
  readonly job: RunnerJob
  readonly neverTouch: readonly string[]
}

/** applyJob observes again and plans again; what differs from the confirmed plan ends there, before the first write. */
async function apply(open: StationJob, plan: Plan, asked: Asked, io: Io, signal: AbortSignal) {
  const { job, neverTouch } = asked
  const events = latestPerStep((event: JobEvent) => io.say({ say: 'event', event }))
  const watch = await watchSurroundings(await describeDiskPath(job.target))
  const again: StationJob['job'] = {
    ...open.job,
    plan: (seen, device) => {
      checkNeverTouch(seen.disk.identity, neverTouch)
      watch.saw(seen)
      return open.job.plan(seen, device)
    },
  }
  const run = {
    confirmed: plan,
    journal: journalOf(job, io),
    clock: systemClock,
    signal,
    emit(event: JobEvent) {
      watch.heard(event)
      events.emit(event)
    },
  }
  const report = await applyJob(again, run).catch(async (error: unknown) => {
    const source = open.job.release?.image('system') ?? null
    const told = await withMismatch(error, {
      plan,
      source,
      codec: open.job.codec,
      signal,
      open: () => openDisk(job.target, true),
    })
    throw await watch.completeFailure(told)
  })
  io.say({ say: 'done', report: await watch.complete(report) })
}

async function checkSlots(target: string, signal: AbortSignal, io: Io): Promise<Record<Slot, string>> {
  await using open = await openDisk(target, true)
  const seen = await observeDisk(open.device, open.disk)
  const { slots, boot } = seen
  if (!slots || !boot) throw new Refused([notAbDisk(seen)])
  const events = latestPerStep((event) => io.say({ say: 'event', event }))
  const words: Record<Slot, string> = { A: 'not-checked', B: 'not-checked' }
  const written = SLOTS.flatMap((slot) => {
    const record = boot.records[slot]
    return record.state === 'written' ? [{ slot, ...record.content }] : []
  })
  const total = written.reduce((sum, { size }) => sum + size, 0)
  let before = 0
  for (const { slot, size, sha256 } of written) {
    const found = await checkRecordedSlot(open.device, { at: slots[slot], size }, signal, (done) =>
      events.authenticating(`Read slot ${slot} back`, before + done, total),
    )
    words[slot] = found === sha256 ? 'equal' : 'differs'
    before += size
  }
  return words
}

/** What stopped it, and whether anything was written: a report answers that, and without one nothing was. */
function lastWord(thrown: unknown): FromRunner {
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

/** The input as a queue; `cancel`, the end of input and anything malformed stop the job that is under way. */
function openInbox(lines: AsyncIterable<string>, stop: AbortController) {
  const waiting: ToRunner[] = []
  let problem: EngineError | null = null
  let wake = () => {}
  let closed = false
  const fail = (error: EngineError) => {
    problem ??= error
    if (!closed) stop.abort(error)
    wake()
  }
  const read = async (): Promise<void> => {
    for await (const line of lines) {
      if (closed) return
      const message = parseLine(line)
      if (message.verb === 'cancel') return fail(new EngineError('job.cancelled'))
      waiting.push(message)
      if (waiting.length > 1) return fail(off(`"${message.verb}" while another request waits`))
      wake()
    }
    fail(new EngineError('job.cancelled'))
  }
  void read().catch((error: unknown) => fail(isEngineError(error) ? error : off(String(error))))
  return {
    async next(): Promise<ToRunner> {
      for (;;) {
        const message = waiting.shift()
        if (message) return message
        if (problem) throw problem
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        await promise
      }
    },
    close() {
      closed = true
    },
  }
}
