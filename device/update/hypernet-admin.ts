// The program hypernet-admin: a person installs a release from a file, goes back, checks the configuration, looks. What is
// installed is authenticated before anything is written, by the same rules as what comes from the server.
import { basename, resolve } from 'node:path'
import { explain, type Finding, isEngineError } from '#base/errors.ts'
import type { JobEvent } from '#engine/ports.ts'
import { toIsoTime } from '#model/iso-time.ts'
import { nextBootLines } from '#model/next-boot-text.ts'
import { otherSlot } from '#model/slot.ts'
import type { UpdateOffer } from '#model/update.ts'
import type { Program, ProgramContext } from '../ports.ts'
import { NOTHING_WRITTEN, ProgramFailed } from '../program.ts'
import { createCycle } from './cycle.ts'
import { tellState } from './cycle-report.ts'
import type { CycleDeps } from './cycle-types.ts'
import { rollBack } from './rollback.ts'
import { nextFacts, slotText, tellStatus } from './status.ts'
import { type Asker, askFor, parseWords, usage } from './words.ts'

const NAME = 'hypernet-admin'

const USAGE = `${NAME} update --image FILE [--allow-older REASON] [--reboot] [--yes]
    authenticates FILE (a bundle, or X.img with X.img.sha256 and X.img.asc), writes it to the standby slot, reads it
    back and selects it for the next start; --reboot restarts at once; --allow-older: also an older one, or one that does
    not say its version, for a reason that is recorded on the disk
${NAME} rollback [--reboot] [--yes]
    the other slot boots next, if it was Good
${NAME} validate-config
    everything that is wrong in the configuration files, with lines; exit code 1 when something is
${NAME} status
    slots, the update under way, what was rolled back
With --json the result is one line of JSON; --yes asks nothing. --root DIR: the appliance's files are below DIR.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused, 4 not authentic, 5 no permission, 6 cancelled, 7 device lost,
8 an update is under way and waits.`

/** A release that was authenticated, before it is written (and authenticated again). */
export interface KnownRelease {
  readonly version: string
  /** Of a triple's image; null for a bundle, whose manifest has its own. */
  readonly sha256: string | null
  readonly signer: string
}

/** What tests replace. */
export interface AdminParts {
  deps(context: ProgramContext): Promise<CycleDeps>
  /** @throws EngineError `release.*`, `trust.*`, `format.*`, `own.*` */
  authenticate(path: string, context: ProgramContext): Promise<KnownRelease>
  readonly asker?: Asker
}

export const hypernetAdminWith = (parts: AdminParts): Program => ({
  name: NAME,
  usage: USAGE,
  async run(context) {
    const words = parseWords(NAME, context.argv, { flags: ['reboot', 'yes'], texts: ['image', 'allow-older'] })
    const [command, extra] = words.positionals
    if (extra !== undefined) throw usage(NAME, `"${extra}" is not understood`)
    const image = words.text('image')
    const allowOlder = words.text('allow-older')
    const options = { yes: words.flag('yes'), reboot: words.flag('reboot'), allowOlder, asker: parts.asker }
    if (command === 'update') {
      if (image === null) throw usage(NAME, 'update needs --image FILE')
      return await update(context, parts, resolve(image), options)
    }
    if (image !== null) throw usage(NAME, '--image goes with update')
    if (allowOlder !== null) throw usage(NAME, '--allow-older goes with update')
    if (command === 'rollback') return await rollBack(context, await parts.deps(context), options)
    if (options.yes || options.reboot) throw usage(NAME, '--yes and --reboot go with update and rollback')
    if (command === 'validate-config') return await validate(context)
    if (command === 'status') {
      const { value, lines } = await tellStatus(context.appliance)
      context.result(value, lines)
      return 0
    }
    throw usage(NAME, command === undefined ? 'A command is missing' : `There is no command "${command}"`)
  },
})

export const hypernetAdmin: Program = hypernetAdminWith({
  async deps({ appliance, progress }) {
    const { cycleDeps } = await import('./cycle-deps.ts')
    return cycleDeps(appliance, NAME, { emit: progress })
  },
  authenticate,
})

interface UpdateOptions {
  readonly yes: boolean
  readonly reboot: boolean
  /** Reason for an older release, or for one that does not say how old it is. */
  readonly allowOlder: string | null
  readonly asker?: Asker
}

async function update(
  context: ProgramContext,
  parts: AdminParts,
  path: string,
  options: UpdateOptions,
): Promise<number> {
  const { appliance, signal, note } = context
  const release = await untilWritten(() => parts.authenticate(path, context))
  const view = await appliance.disk.look()
  const slot = otherSlot(view.running)
  note(`${basename(path)} is version ${release.version}, signed by ${release.signer}.`)
  note(
    `It will be written to slot ${slot} (now ${slotText(view, slot)}). Slot ${view.running}, which runs, is not touched.`,
  )
  if (!options.yes) await untilWritten(() => askFor(slot, signal, options.asker))
  const cycle = createCycle(appliance, await parts.deps(context))
  const now = toIsoTime(appliance.clock.now())
  const offer: UpdateOffer = {
    ...{
      origin: 'local',
      updateId: `local-${now}`,
      rolloutId: null,
      orderId: null,
      window: null,
      requireApproval: false,
    },
    ...{ version: release.version, url: path, sha256: release.sha256, sizeBytes: null },
    ...(options.allowOlder !== null && { allowOlder: options.allowOlder }),
  }
  const answer = await cycle.accept(offer)
  if (!answer.accepted) throw new ProgramFailed(NOTHING_WRITTEN, ...answer.findings)
  if (options.reboot) await cycle.approve()
  const state = await cycle.step(signal)
  if (state.state === 'waiting' && state.for === 'approval') {
    const after = await appliance.disk.look()
    const facts = { version: release.version, target_partition: slot, ...nextFacts(after), restart_required: true }
    context.result({ state: 'written', ...facts }, [
      `Version ${release.version} is written to slot ${slot} and read back.`,
      ...nextBootLines(after),
      'Reboot required: restart the appliance ("systemctl reboot").',
    ])
    return 0
  }
  // Whoever stopped it at the terminal does not want the agent to go on with it.
  if (state.state === 'waiting') await cycle.cancel(offer.updateId, 'it was stopped at the terminal')
  return await tellState(state, context)
}

/** Whatever happens in here happens before the first byte is written. */
async function untilWritten<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isEngineError(error)) throw new ProgramFailed(NOTHING_WRITTEN, error)
    throw error
  }
}

/** Bundles and images say their version themselves; only an image that does not has the one of its file's name. */
async function authenticate(path: string, { appliance, signal, progress }: ProgramContext): Promise<KnownRelease> {
  const { readTrustedKeys } = await import('../own-disk/trusted-keys.ts')
  const { checkTriple, openRelease } = await import('#node/release/open-release.ts')
  const trusted = await readTrustedKeys(appliance.paths)
  const onProgress = (doneBytes: number, totalBytes: number) => {
    const event: JobEvent = { type: 'progress', step: 0, phase: 'authenticate', doneBytes, totalBytes }
    progress?.(event)
  }
  const options = { now: appliance.clock.now(), signal, onProgress }
  const triple = await checkTriple(path, trusted, options)
  if (triple) {
    const stem = basename(path).replace(/\.[^.]*$/, '')
    const version = triple.version ?? stem.replace(/[^A-Za-z0-9._+~-]/g, '-').slice(0, 50)
    return { version, sha256: triple.sha256, signer: triple.signer.fingerprint }
  }
  await using release = await openRelease(path, trusted, options)
  return { version: release.facts.version ?? basename(path), sha256: null, signer: release.signer.fingerprint }
}

async function validate(context: ProgramContext): Promise<number> {
  const [{ validateConfig }, { parseProbes }] = await Promise.all([
    import('../settings-check.ts'),
    import('../gate/probe-list.ts'),
  ])
  const { findings, remarks } = await validateConfig(context.appliance.paths, parseProbes)
  const lines = findings.flatMap((found) => {
    const { message, remedy } = explain(found)
    return [`✗ ${message}`, `  ${remedy}`, `  code ${found.code}`]
  })
  const told = (list: readonly Finding[]) =>
    list.map((found) => ({ code: found.code, details: found.details, ...explain(found) }))
  const values = { findings: told(findings), remarks: told(remarks) }
  const notes = remarks.map((found) => `· ${explain(found).message}`)
  if (findings.length === 0) context.result({ valid: true, ...values }, [...notes, 'The configuration is valid.'])
  else context.result({ ok: false, valid: false, ...values }, [...lines, ...notes, `${findings.length} to correct.`])
  return findings.length === 0 ? 0 : 1
}
