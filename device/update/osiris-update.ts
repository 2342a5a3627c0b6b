// The program osiris-update: asks the server for an update and carries it as far as it goes now, shows, approves, goes back.
// The agent does the same by itself; both may be used, one of them works at a time.
import { explain, type Finding, finding } from '#base/errors.ts'
import { healthOf } from '#model/health.ts'
import type { UpdateOffer } from '#model/update.ts'
import type { FindUpdate, Program, ProgramContext } from '../ports.ts'
import { NOTHING_WRITTEN, ProgramFailed } from '../program.ts'
import { createCycle } from './cycle.ts'
import { objections } from './cycle-offer.ts'
import { tellState, WAITS } from './cycle-report.ts'
import type { CycleDeps, UpdateCycle } from './cycle-types.ts'
import { rollBack } from './rollback.ts'
import { tellStatus } from './status.ts'
import { parseWords, usage } from './words.ts'

const NAME = 'osiris-update'

const USAGE = `${NAME}             asks the server and carries the update as far as it goes now: writes it to the standby
                          slot, waits for approval and window, or restarts into it
${NAME} --check     asks the server and shows what it wants; changes nothing
${NAME} --status    slots, the update under way, what was rolled back
${NAME} --approve   allows the restart of an update that waits for approval, and goes on
${NAME} --rollback [--reboot] [--yes]
                          the other slot boots next, if it was Good
${NAME} --abandon [--yes]
                          gives up the update under way, whatever state it is in; the running slot boots next
${NAME} --health    asks each probe once
With --json the result is one line of JSON. --root DIR: the appliance's files are below DIR.
Exit codes: 0 done or nothing to do, ${WAITS} an update is under way and waits, 1 failed (--health: unhealthy), 2 wrong usage,
3 refused, 4 not authentic, 5 no permission, 6 cancelled, 7 device lost.`

/** What tests replace. */
export interface OsirisParts {
  deps(context: ProgramContext): Promise<CycleDeps>
  find(context: ProgramContext): Promise<FindUpdate>
}

const REAL: OsirisParts = {
  async deps({ appliance, progress }) {
    const { cycleDeps } = await import('./cycle-deps.ts')
    return cycleDeps(appliance, NAME, { emit: progress })
  },
  async find({ appliance }) {
    const { findUpdate } = await import('../agent/find-update.ts')
    return findUpdate(appliance)
  },
}

const MODES = ['check', 'status', 'approve', 'rollback', 'abandon', 'health'] as const

export const osirisUpdateWith = (parts: OsirisParts): Program => ({
  name: NAME,
  usage: USAGE,
  async run(context) {
    const words = parseWords(NAME, context.argv, { flags: [...MODES, 'reboot', 'yes'] })
    if (words.positionals[0] !== undefined) throw usage(NAME, `"${words.positionals[0]}" is not understood`)
    const [mode = 'cycle', second] = MODES.filter((name) => words.flag(name))
    if (second) throw usage(NAME, `--${mode} and --${second} exclude each other`)
    const options = { yes: words.flag('yes'), reboot: words.flag('reboot') }
    if (mode !== 'rollback' && options.reboot) throw usage(NAME, '--reboot goes with --rollback')
    if (mode !== 'rollback' && mode !== 'abandon' && options.yes)
      throw usage(NAME, '--yes goes with --rollback and --abandon')
    switch (mode) {
      case 'cycle':
        return await runCycle(context, parts)
      case 'check':
        return await check(context, parts)
      case 'status': {
        const { value, lines } = await tellStatus(context.appliance)
        context.result(value, lines)
        return 0
      }
      case 'approve':
        return await approve(context, createCycle(context.appliance, await parts.deps(context)))
      case 'rollback':
        return await rollBack(context, await parts.deps(context), options)
      case 'abandon': {
        const { abandon } = await import('./abandon.ts')
        return await abandon(context, await parts.deps(context), options)
      }
      case 'health':
        return await health(context, await parts.deps(context))
    }
  },
})

export const osirisUpdate: Program = osirisUpdateWith(REAL)

async function runCycle(context: ProgramContext, parts: OsirisParts): Promise<number> {
  const { appliance, result } = context
  const cycle = createCycle(appliance, await parts.deps(context))
  if (!(await appliance.store.load())) {
    const offer = await ask(context, parts)
    if (!offer) {
      result({ state: 'idle', update_available: false }, ['The server has no update for this appliance.'])
      return 0
    }
    const answer = await cycle.accept(offer)
    if (!answer.accepted) {
      if (answer.findings[0].code !== 'update.already-installed')
        throw new ProgramFailed(NOTHING_WRITTEN, ...answer.findings)
      result({ state: 'idle', update_available: false }, [explain(answer.findings[0]).message])
      return 0
    }
  }
  return await stepAndTell(context, cycle)
}

/** One step; what it had to report is sent, as far as the server can be reached. */
async function stepAndTell(context: ProgramContext, cycle: UpdateCycle): Promise<number> {
  const state = await cycle.step(context.signal)
  const { left, problem } = await context.appliance.outbox.flush(context.signal)
  if (left > 0)
    context.note(`Reports that wait for the server: ${left}${problem ? ` (${explain(problem).message})` : ''}`)
  return await tellState(state, context)
}

async function ask(context: ProgramContext, parts: OsirisParts): Promise<UpdateOffer | null> {
  const { appliance, signal } = context
  const { server } = await appliance.settings()
  if (!server) {
    const { whyNoServer } = await import('../settings-check.ts')
    const why = await whyNoServer(appliance.paths)
    const none = why.code === 'settings.no-server'
    throw new ProgramFailed(NOTHING_WRITTEN, none ? finding('update.no-server', why.details) : why)
  }
  return await (await parts.find(context))(signal)
}

async function check(context: ProgramContext, parts: OsirisParts): Promise<number> {
  const { store, disk, outbox } = context.appliance
  const offer = await ask(context, parts)
  if (!offer) {
    context.result({ update_available: false }, ['The server has no update for this appliance.'])
    return 0
  }
  const facts = { view: await disk.look(), rolledBack: await store.rolledBack(), unsent: await outbox.list() }
  const against: readonly Finding[] = objections(offer, facts)
  const { window } = offer
  const days = window?.days?.length ? ` on ${window.days.join(', ')}` : ''
  context.result({ update_available: true, offer, findings: against }, [
    `Version ${offer.version} (${offer.origin}, ${offer.updateId})`,
    `  from ${new URL(offer.url).host}${offer.sizeBytes === null ? '' : `, ${offer.sizeBytes} bytes`}`,
    `  window: ${window?.start ? `${window.start} to ${window.end} ${window.timezone ?? 'UTC'}${days}` : 'the local one, or none'}`,
    ...(offer.requireApproval ? ['  a person has to allow the restart'] : []),
    ...against.map((found) => `  would be refused: ${explain(found).message} (${found.code})`),
    'Nothing was changed.',
  ])
  return 0
}

async function approve(context: ProgramContext, cycle: UpdateCycle): Promise<number> {
  const record = await context.appliance.store.load()
  const needed = record && (record.offer.requireApproval || record.offer.origin === 'local')
  if (!needed || record.phase === 'verifying') {
    const found = record ? `version ${record.version} needs none` : 'none is under way'
    throw new ProgramFailed(NOTHING_WRITTEN, finding('update.nothing-to-approve', { found }))
  }
  await cycle.approve()
  context.note(`The restart into version ${record.version} is allowed.`)
  return await stepAndTell(context, cycle)
}

async function health(context: ProgramContext, deps: CycleDeps): Promise<number> {
  const results = await deps.probe(await context.appliance.settings(), context.signal)
  const verdict = healthOf(results)
  const lines = Object.entries(results).map(
    ([name, { passed, critical, error }]) =>
      `  ${name}: ${passed ? 'passed' : `FAILED${critical ? '' : ' (advisory)'}: ${error ?? 'no reason given'}`}`,
  )
  context.result({ health: verdict, checks: results }, [...lines, `Health: ${verdict}`])
  return verdict === 'unhealthy' ? 1 : 0
}
