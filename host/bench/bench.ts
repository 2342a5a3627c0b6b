// The bench: every disk and disk image that could be a target, looked at again when something changes, without a rescan
// button. System disks are hidden and counted. Promises: one round at a time, the next a while after the last one ended; a
// round never waits for a unit that is being read; a unit is read when it appears and when it was written, a few at a time.
import { setTimeout as delay } from 'node:timers/promises'
import { MIB } from '#base/bytes.ts'
import { EngineError, finding, isEngineError } from '#base/errors.ts'
import type { DiskMark } from '#contract/disk-facts.ts'
import type { BenchView, Problem, Token, UnitView } from '#contract/views.ts'
import type { DiskInfo } from '#model/disk.ts'
import type { KernelLine } from '#node/boot/kernel-line.ts'
import { inspectFileAsDisk, listDisks } from '#node/disk/inventory.ts'
import { offerDisk } from '#plan/offer.ts'
import type { Bench, Calls, Files, Host, UnitEntry } from '../ports.ts'
import { problemOf } from '../problem.ts'
import { openTokens } from '../tokens.ts'
import { markOf } from './disk-mark.ts'
import { openKnownDisks } from './known-disks.ts'
import { bytesToCheck, checkUnitSlots, type Look, lookAtUnit, recordedOn } from './look.ts'
import { openLooks } from './looks.ts'
import { openOwnDisk } from './own-disk.ts'
import { refusalsOf } from './refusals.ts'
import { openTwins } from './twins.ts'
import { unfinishedView } from './unfinished.ts'
import { isSure, type Knowledge, keyOf, modelOf, pathFor, unitView } from './unit-view.ts'
import { openVirtualDisks } from './virtual-disks.ts'

/** From the end of a round to the beginning of the next one. */
const POLL_MS = 1000
/** Units that are read at once. */
const LOOKS_AT_ONCE = 4
/** The first view waits so long for units to be read: one that does not answer holds up no window. */
const FIRST_LOOK_MS = 5000
/** Card readers without a card and the like. */
const SMALLEST = 64 * MIB

export interface BenchNeeds {
  signerNames(): Promise<ReadonlyMap<string, string>>
  history(unitKey: string): Knowledge['history']
  readonly files: Files
  /** Replaced in tests. */
  readonly listDisks?: typeof listDisks
  readonly lookAtUnit?: typeof lookAtUnit
  /** What this computer was told at boot; null where nobody can know. */
  readonly kernelLine?: KernelLine | null
}

interface Entry extends UnitEntry {
  readonly twin: boolean
  /** As the last round found it; null before the first look. */
  readonly mark: DiskMark
  readonly look: Look | null
  /** When it was looked at. */
  readonly lookedAt: DiskMark | null
}

type BenchCalls = Calls<'bench.create-virtual' | 'bench.add-file' | 'bench.remove-virtual' | 'unit.check-slots'>

export interface OpenBench extends Bench {
  readonly calls: BenchCalls
  view(): BenchView
  /** Config folders that unfinished jobs still need. */
  neededFolders(): readonly string[]
}

const same = (a: DiskMark | null, b: DiskMark | null): boolean => a?.plug === b?.plug && a?.writes === b?.writes

export async function openBench(host: Host, needs: BenchNeeds): Promise<OpenBench> {
  const virtual = await openVirtualDisks(host.paths.virtual)
  const known = await openKnownDisks(host)
  const tokens = openTokens<Entry>('unit')
  const looks = openLooks(LOOKS_AT_ONCE)
  const twins = openTwins()
  const own = openOwnDisk(needs.kernelLine ?? null)
  const look = needs.lookAtUnit ?? lookAtUnit
  const held = new Set<Token>()
  const stale = new Set<Token>()
  /** Shared by two disks at some time: after unplugging nobody knows which one it is. */
  const shared = new Set<string>()
  let names: ReadonlyMap<string, string> = new Map()
  let hidden: BenchView['hidden'] = []
  let problem: Problem | null = null
  let told = ''

  const placeOf = ({ path, identity }: DiskInfo): string => `${path} ${identity.busPath}`
  const find = (token: Token): Entry | null => tokens.entries().find(([each]) => each === token)?.[1] ?? null
  const view = (): BenchView => ({ units: tokens.entries().map(([, entry]) => entry.view), hidden, problem })
  const tell = (): void => {
    const bench = view()
    const now = JSON.stringify(bench)
    if (now !== told) host.tell({ type: 'bench', bench })
    told = now
  }

  const inventory = async (): Promise<{ disks: DiskInfo[]; problem: Problem | null }> => {
    const files: DiskInfo[] = []
    for (const path of virtual.paths()) {
      try {
        files.push(await inspectFileAsDisk(path))
      } catch (error) {
        if (!isEngineError(error)) throw error
        if (error.code !== 'disk.not-found') host.log(`${path}: ${error.message}`)
      }
    }
    try {
      return { disks: [...(await (needs.listDisks ?? listDisks)()).disks, ...files], problem: null }
    } catch (error) {
      return { disks: files, problem: problemOf(error) }
    }
  }

  const keyFor = (disk: DiskInfo, twin: boolean): string =>
    twin ? `${keyOf(disk)} ${disk.identity.busPath}` : keyOf(disk)

  /** Keeps what is known of a unit now, with the words that follow from it. */
  const show = (token: Token, entry: Omit<Entry, 'view'>, unfinished: UnitView['known']['unfinished']): void => {
    const { disk, twin, mark, lookedAt } = entry
    const key = keyFor(disk, twin)
    const facts = known.of(key)
    // Another disk may be in its place.
    const seen = lookedAt?.plug === mark.plug ? entry.look : null
    const changing = seen !== null && !same(mark, lookedAt)
    const knowledge = { key, names, facts, unfinished, history: needs.history(key), twin, changing }
    const running = seen ? own.runningOn(seen) : null
    const refusals = refusalsOf(disk, { twin, look: seen, neverTouch: host.settings().neverTouch })
    tokens.keep(placeOf(disk), { ...entry, view: unitView(token, disk, seen, { ...knowledge, running, refusals }) })
  }
  const showAnew = async (token: Token): Promise<void> => {
    const before = find(token)
    if (before === null) return
    const unfinished = await unfinishedView(known.of(keyFor(before.disk, before.twin)))
    const entry = find(token)
    if (entry) show(token, entry, unfinished)
    tell()
  }

  const lookNow = (token: Token): Promise<void> =>
    looks.begin(token, async () => {
      const before = find(token)
      if (before === null || held.has(token)) return
      stale.delete(token)
      const mark = await markOf(before.disk, token)
      const seen = await look(before.disk)
      const entry = find(token)
      if (entry === null || held.has(token)) return
      const key = keyFor(entry.disk, entry.twin)
      await known.hear(key, { type: 'present', mark, sure: sure(entry.disk, entry.twin) })
      if (seen.seen) await known.hear(key, { type: 'looked', recorded: recordedOn(seen) })
      tokens.keep(placeOf(entry.disk), { ...entry, mark, look: seen, lookedAt: mark })
      await showAnew(token)
    })
  const lookLogged = (token: Token): void => {
    lookNow(token).catch((error: unknown) => host.log(`bench: ${problemOf(error).message}`))
  }
  const sure = (disk: DiskInfo, twin: boolean): boolean => isSure(disk) && !twin && !shared.has(keyOf(disk))

  const round = async (): Promise<void> => {
    const found = await inventory()
    const ownDisk = await own.find(found.disks)
    names = await needs.signerNames()
    const shown = found.disks.filter((disk) => disk.identity.size >= SMALLEST && (!disk.system || disk === ownDisk))
    const twinPaths = twins.update(shown)
    const present = new Set<Token>()
    for (const disk of shown) {
      const token = tokens.name(placeOf(disk))
      present.add(token)
      const twin = twinPaths.has(disk.identity.busPath)
      if (twin) shared.add(keyOf(disk))
      if (twin) known.forget(keyOf(disk))
      const mark = await markOf(disk, token)
      const key = keyFor(disk, twin)
      if (!held.has(token)) await known.hear(key, { type: 'present', mark, sure: sure(disk, twin) })
      const unfinished = await unfinishedView(known.of(key))
      const before = find(token)
      show(token, { disk, twin, mark, look: before?.look ?? null, lookedAt: before?.lookedAt ?? null }, unfinished)
      // Whoever writes to it now is waited for: it is read when it has been still for a round.
      const still = before !== null && same(before.mark, mark) && !same(before.lookedAt, mark)
      if (!held.has(token) && (before === null || still || stale.has(token))) lookLogged(token)
    }
    for (const [token] of tokens.entries()) if (!present.has(token) && !held.has(token)) tokens.drop(token)
    problem = found.problem
    hidden = found.disks.filter((disk) => !shown.includes(disk)).map(hiddenView)
    tell()
  }

  let underWay: Promise<void> | null = null
  let waiting: Promise<void> | null = null
  /** A whole round that begins from now on; those who ask meanwhile share one. */
  const nextRound = (): Promise<void> => {
    waiting ??= (underWay ?? Promise.resolve())
      .catch(() => {
        // Whoever asked for that round gets its error.
      })
      .then(() => {
        waiting = null
        underWay = round()
        return underWay
      })
    return waiting
  }
  const poll = async (): Promise<void> => {
    for (;;) {
      await delay(POLL_MS, undefined, { signal: host.signal })
      await nextRound().catch((error: unknown) => host.log(`bench: ${problemOf(error).message}`))
    }
  }
  /** Reads it until what was read is as new as the asking. */
  const lookAgain = async (token: Token): Promise<void> => {
    stale.add(token)
    while (stale.has(token) && find(token) !== null && !held.has(token)) await lookNow(token)
  }

  await nextRound()
  await Promise.race([looks.all(), delay(FIRST_LOOK_MS, undefined, { ref: false })])
  // It ends with the console.
  poll().catch(() => {})

  const lookedAtPath = async (path: string): Promise<UnitView> => {
    await nextRound()
    const token = tokens.entries().find(([, { disk }]) => disk.path === path)?.[0] ?? ''
    if (find(token)?.look === null) await lookNow(token)
    return tokens.get(token).view
  }

  return {
    view,
    neededFolders: known.folders,
    unit: (token) => tokens.get(token),
    units: () => tokens.entries().map(([, entry]) => entry),
    async refresh(unit) {
      const which = tokens.entries().filter(([token]) => unit === undefined || unit === token)
      if (unit === undefined) await nextRound()
      await Promise.all(which.map(([token]) => lookAgain(token)))
    },
    hold(unit) {
      held.add(unit)
      return {
        [Symbol.dispose]: () => {
          held.delete(unit)
          stale.add(unit)
        },
      }
    },
    unfinished: (unit) => known.of(tokens.get(unit).view.key)?.unfinished?.job ?? null,
    async whole(unit) {
      await known.hear(tokens.get(unit).view.key, { type: 'whole' })
      await showAnew(unit)
    },
    async began(unit, job) {
      await known.hear(tokens.get(unit).view.key, { type: 'began', job })
      await showAnew(unit)
    },
    async ended(unit, end) {
      const { disk, view: now } = tokens.get(unit)
      // What was seen before it is not there any more.
      const anew = end.written && known.of(now.key)?.running?.job.kind === 'provision'
      await known.hear(now.key, { type: 'ended', ...end, mark: await markOf(disk, unit) })
      if (anew) tokens.keep(placeOf(disk), { ...tokens.get(unit), look: null, lookedAt: null })
      await showAnew(unit)
    },
    calls: {
      'bench.create-virtual': async ({ name, size }) => await lookedAtPath(await virtual.create(name, size)),
      'bench.add-file': async ({ file }) => await lookedAtPath(await virtual.add(needs.files.path(file))),
      'bench.remove-virtual': async ({ unit, erase }) => {
        const { disk, view: gone } = tokens.get(unit)
        if (held.has(unit)) throw new EngineError('disk.busy', { disk: gone.path, reason: 'a job writes to it' })
        // Only what the console made may be erased by it; a file that somebody brought is just taken off the bench.
        const made = disk.path.startsWith(`${host.paths.virtual}/`)
        await virtual.remove(disk.path, erase && made)
        // Another file may get its name, and its number, too.
        if (erase && made) known.forget(gone.key)
        await nextRound()
        return {}
      },
      'unit.check-slots': async ({ unit }, signal) => {
        await lookAgain(unit)
        const before = tokens.get(unit)
        const { disk, look: seen } = before
        const expected = seen === null ? 0 : bytesToCheck(seen)
        const compared = await host.checks.run(unit, expected, signal, async (check) =>
          checkUnitSlots(disk, await host.runnerFor(disk.path), check),
        )
        const after = tokens.get(unit)
        // Written or exchanged meanwhile: what was read says nothing of what is there now.
        if (seen === null || held.has(unit) || !same(before.lookedAt, await markOf(disk, unit))) return after.view
        await known.hear(after.view.key, { type: 'checked', recorded: recordedOn(seen), compared })
        await showAnew(unit)
        return tokens.get(unit).view
      },
    },
  }
}

const hiddenView = (disk: DiskInfo): BenchView['hidden'][number] => ({
  name: [pathFor(disk.path), modelOf(disk)].filter(Boolean).join(' '),
  size: disk.identity.size,
  reason: problemOf(offerDisk(disk, SMALLEST).reasons[0] ?? finding('disk.system', { disk: disk.path, found: '' })),
})
