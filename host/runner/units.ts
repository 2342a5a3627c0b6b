// The units of a runner: each with a plan, a go-ahead, progress and an end of its own, all with one opening of their release. A
// unit may come at any time, and what becomes of one is nothing to the others. Promises: no disk belongs to two units, whatever
// it is called; a unit starts only the plan that was made for it here; its last message comes when everything of it is let go;
// with somebody else's rights nothing is opened while anything is written.
import { EngineError, throwIfAborted } from '#base/errors.ts'
import { type FromRunner, MOST_UNITS, type RunnerJob, TAKES_UNITS_MS, type ToRunner } from '#contract/runner.ts'
import { groundOf } from '#node/disk/same-disk.ts'
import type { Authority } from './authority.ts'
import { exitFor, lastWord, off } from './last-word.ts'
import { openOpenings } from './openings.ts'
import { latestPerStep } from './throttle.ts'
import { openTurns, orAborted } from './turns.ts'
import { applyUnit, judge, planUnit } from './unit-job.ts'

/** Plans made at once: each looks at a disk and keeps its boot files in memory meanwhile. */
const PLANNED_AT_ONCE = 2

type Planning = Extract<ToRunner, { verb: 'plan' }>
type Done = Extract<FromRunner, { say: 'done' }>

export interface UnitsIo {
  readonly authority: Authority
  /** Stops every unit. */
  readonly signal: AbortSignal
  say(message: FromRunner): void
  /** Milliseconds of a clock that only goes on. */
  now?(): number
}

export interface Units {
  /** @throws EngineError `runner.protocol` for what no unit takes now */
  take(message: ToRunner): void
  /** Resolves when all have ended; the exit code. */
  ended(): Promise<number>
}

interface Unit {
  readonly stop: AbortController
  readonly go: PromiseWithResolvers<string>
  state: 'planning' | 'planned' | 'applied'
  readonly alone: boolean
}

/** Files of the caller that are opened again when the unit is written. */
const readsWhileWriting = (job: RunnerJob): boolean =>
  job.kind === 'restore' || (job.kind === 'provision' && (job.config !== null || job.luksKey !== null))

export function openUnits({ authority, signal, say, now = () => performance.now() }: UnitsIo): Units {
  const units = new Map<string, Unit>()
  const ends = new Set<Promise<void>>()
  /** Who has which disk, by what lies under its names. */
  const claimed = new Map<string, string>()
  const openings = openOpenings(authority, now)
  const turn = openTurns(PLANNED_AT_ONCE)
  /** One after the other where that borrows rights: they are the whole process's, for the moment of opening. */
  const opening = openTurns(authority.forAnother ? 1 : MOST_UNITS)
  let takesUntil = now() + TAKES_UNITS_MS
  let exit = 0

  /** @throws EngineError `disk.busy` */
  async function claim(target: string): Promise<Disposable> {
    const { key } = await groundOf(target)
    const other = claimed.get(key)
    if (other !== undefined)
      throw new EngineError('disk.busy', { disk: target, reason: `another job has it as ${other}` })
    claimed.set(key, target)
    return { [Symbol.dispose]: () => claimed.delete(key) }
  }

  const whyClosed = (job: RunnerJob): string | null => {
    const others = [...units.values()]
    if (others.length >= MOST_UNITS) return `it has ${MOST_UNITS} units`
    const writes = others.some(({ state }) => state === 'applied')
    if (authority.forAnother) {
      if (writes) return 'it writes, and opens nothing for somebody else meanwhile'
      const alone = readsWhileWriting(job) || others.some((other) => other.alone)
      if (alone && others.length > 0) return 'a unit whose files are opened while it is written is alone'
    }
    return writes || now() < takesUntil ? null : 'it was started too long ago'
  }

  /** Everything before the plan is known, held until the unit ends. */
  async function prepare(name: string, message: Planning, mine: AbortSignal) {
    await using stack = new AsyncDisposableStack()
    throwIfAborted(mine)
    const events = latestPerStep((event) => say({ say: 'event', unit: name, event }))
    const asked = await judge(authority, message)
    stack.use(await claim(asked.job.target))
    const { job } = stack.use(await openings.open(asked.job, { signal: mine, progress: events.authenticating }))
    // Waited for in any case: until it has ended it has the disk open.
    const plan = await turn(() => planUnit(job, asked))
    throwIfAborted(mine)
    const held = stack.move()
    return { asked, job, plan, emit: events.emit, [Symbol.asyncDispose]: () => held.disposeAsync() }
  }

  async function serve(name: string, message: Planning, unit: Unit): Promise<Done> {
    const mine = AbortSignal.any([signal, unit.stop.signal])
    await using ready = await opening(() => prepare(name, message, mine))
    const { job, plan, asked, emit } = ready
    unit.state = 'planned'
    say({ say: 'planned', unit: name, plan })
    const told = await orAborted(unit.go.promise, mine)
    if (told !== plan.id)
      throw new EngineError('runner.off-plan', { expected: plan.id.slice(0, 16), found: told.slice(0, 16) })
    // Those that came before it have opened what they open.
    await opening(async () => {})
    const report = await applyUnit(job, plan, asked, { signal: mine, emit })
    return { say: 'done', unit: name, report }
  }

  function begin(message: Planning): void {
    const { unit: name } = message
    const closed = whyClosed(message.job)
    const unit: Unit = {
      stop: new AbortController(),
      go: Promise.withResolvers(),
      state: 'planning',
      alone: closed === null && readsWhileWriting(message.job),
    }
    units.set(name, unit)
    const work =
      closed === null
        ? serve(name, message, unit)
        : Promise.reject(new EngineError('runner.closed', { reason: closed }))
    const end: Promise<void> = work
      .catch((error: unknown) => {
        exit = exit === 0 || exit === 3 ? exitFor(error) : exit
        return { ...lastWord(error), unit: name }
      })
      .then((last) => {
        units.delete(name)
        ends.delete(end)
        if (unit.state === 'applied') takesUntil = now() + TAKES_UNITS_MS
        say(last)
      })
    ends.add(end)
  }

  return {
    take(message) {
      switch (message.verb) {
        case 'plan':
          if (units.has(message.unit)) throw off(`a second plan for unit "${message.unit}"`)
          return begin(message)
        case 'apply': {
          const unit = units.get(message.unit)
          if (unit?.state !== 'planned') throw off(`"apply" for unit "${message.unit}", which has no plan`)
          unit.state = 'applied'
          return unit.go.resolve(message.plan)
        }
        case 'cancel':
          // One that has ended meanwhile has nothing to stop.
          return units.get(message.unit ?? '')?.stop.abort(new EngineError('job.cancelled'))
        default:
          throw off(`"${message.verb}" beside "plan"`)
      }
    },
    async ended() {
      await Promise.all(ends)
      return exit
    },
  }
}
