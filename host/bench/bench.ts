// The bench: every disk and disk image that could be a target, looked at again when something changes, without a rescan
// button. System disks are hidden and counted. What is on a unit is read once it appears and whenever a job has ended.
import { stat } from 'node:fs/promises'
import { MIB } from '../../src-shared/base/bytes.ts'
import { finding, isEngineError } from '../../src-shared/base/errors.ts'
import type { BenchView, Problem, Token, UnitView } from '../../src-shared/contract/views.ts'
import type { DiskInfo } from '../../src-shared/model/disk.ts'
import { inspectFileAsDisk, listDisks } from '../../src-shared/node/inventory.ts'
import type { KernelLine } from '../../src-shared/node/kernel-line.ts'
import { printable } from '../../src-shared/plan/common.ts'
import { offerDisk } from '../../src-shared/plan/offer.ts'
import type { Bench, Calls, Files, Host, UnitEntry } from '../ports.ts'
import { problemOf } from '../problem.ts'
import { openTokens } from '../tokens.ts'
import { bytesToCheck, checkUnitSlots, type Look, lookAtUnit, NOT_CHECKED } from './look.ts'
import { openOwnDisk } from './own-disk.ts'
import { openTwins } from './twins.ts'
import {
  attachmentOf,
  contentOf,
  type Knowledge,
  keyOf,
  modelOf,
  partitionViews,
  pathFor,
  recoveryView,
  summaryOf,
} from './unit-view.ts'
import { openVirtualDisks } from './virtual-disks.ts'

const POLL_MS = 1000
/** Card readers without a card and the like. */
const SMALLEST = 64 * MIB

export interface BenchNeeds {
  signerNames(): Promise<ReadonlyMap<string, string>>
  history(unitKey: string): Knowledge['history']
  readonly files: Files
  /** Replaced in tests. */
  readonly listDisks?: typeof listDisks
  /** What this computer was told at boot; null where nobody can know. */
  readonly kernelLine?: KernelLine | null
}

interface Entry extends UnitEntry {
  readonly look: Look
  /** What must change for the content to be read again. */
  readonly stamp: string
  readonly checked: Knowledge['checked']
}

type BenchCalls = Calls<'bench.create-virtual' | 'bench.add-file' | 'bench.remove-virtual' | 'unit.check-slots'>

export async function openBench(
  host: Host,
  needs: BenchNeeds,
): Promise<Bench & { calls: BenchCalls; view(): BenchView }> {
  const virtual = await openVirtualDisks(host.paths.virtual)
  const tokens = openTokens<Entry>('unit')
  const twins = openTwins()
  const own = openOwnDisk(needs.kernelLine ?? null)
  const held = new Set<Token>()
  const stale = new Set<string>()
  let view: BenchView = { units: [], hidden: [], problem: null }
  let told = ''

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

  const refusalsOf = (disk: DiskInfo, twin: boolean, looked: Look): Problem[] => {
    const serial = disk.identity.serial?.toLowerCase()
    const never = host.settings().neverTouch.some((each) => each.trim().toLowerCase() === serial)
    return [
      ...offerDisk(disk, null).reasons.map(problemOf),
      ...(never ? [problemOf(finding('runner.never-touch', { found: disk.identity.serial ?? '' }))] : []),
      ...(twin ? [problemOf(finding('host.twin', { found: disk.identity.serial ?? 'no serial' }))] : []),
      // What this user may not read a runner may, once somebody has consented.
      ...(looked.problem && disk.bus !== 'file' && looked.problem.code !== 'disk.no-permission'
        ? [looked.problem]
        : []),
    ]
  }

  const unitOf = async (token: Token, disk: DiskInfo, twin: boolean, entry: Omit<Entry, 'view'>): Promise<UnitView> => {
    const { look, checked } = entry
    const key = twin ? `${keyOf(disk)} ${disk.identity.busPath}` : keyOf(disk)
    const know = {
      signerNames: await needs.signerNames(),
      checked,
      history: needs.history(key),
      running: own.runningOn(look),
    }
    return {
      token,
      key,
      kind: disk.bus === 'file' ? 'virtual' : 'disk',
      path: pathFor(disk.path),
      model: modelOf(disk),
      serial: disk.identity.serial === null ? null : printable(disk.identity.serial),
      size: disk.identity.size,
      attachment: attachmentOf(disk),
      port: disk.bus === 'file' ? '' : printable(disk.identity.busPath),
      removable: disk.removable,
      twin,
      content: look.seen ? contentOf(look.seen) : 'unreadable',
      summary: look.seen ? summaryOf(look.seen) : { kind: 'nothing' },
      partitions: look.seen ? partitionViews(look.seen) : [],
      recovery: look.seen ? recoveryView(look.seen, look.extra, know) : null,
      configAge: look.configAge,
      refusals: refusalsOf(disk, twin, look),
      warnings: look.warnings,
    }
  }

  /** One round; rounds never overlap. */
  const round = async (): Promise<void> => {
    const { disks, problem } = await inventory()
    const ownDisk = await own.find(disks)
    const shown = disks.filter((disk) => disk.identity.size >= SMALLEST && (!disk.system || disk === ownDisk))
    const hidden = disks.filter((disk) => !shown.includes(disk))
    const twinPaths = twins.update(shown)
    const before = new Map(tokens.entries().map(([token, entry]) => [token, entry] as const))
    const present = new Set<Token>()
    for (const disk of shown) {
      const place = `${disk.path} ${disk.identity.busPath}`
      const old = [...before].find(([, entry]) => `${entry.disk.path} ${entry.disk.identity.busPath}` === place)
      const stamp = await stampOf(disk)
      const busy = old !== undefined && held.has(old[0])
      const fresh = !old || ((old[1].stamp !== stamp || stale.has(old[0])) && !busy)
      const look = fresh ? await lookAtUnit(disk) : old[1].look
      if (old && !busy) stale.delete(old[0])
      const checked = fresh ? NOT_CHECKED : old[1].checked
      const entry = { disk, look, stamp: busy && old ? old[1].stamp : stamp, checked }
      const token = tokens.name(place)
      tokens.keep(place, { ...entry, view: await unitOf(token, disk, twinPaths.has(disk.identity.busPath), entry) })
      present.add(token)
    }
    for (const token of before.keys()) if (!present.has(token) && !held.has(token)) tokens.drop(token)
    view = {
      units: tokens.entries().map(([, entry]) => entry.view),
      hidden: hidden.map((disk) => ({
        name: [pathFor(disk.path), modelOf(disk)].filter(Boolean).join(' '),
        size: disk.identity.size,
        reason: problemOf(
          offerDisk(disk, SMALLEST).reasons[0] ?? finding('disk.system', { disk: disk.path, found: '' }),
        ),
      })),
      problem,
    }
    const now = JSON.stringify(view)
    if (now !== told) host.tell({ type: 'bench', bench: view })
    told = now
  }

  let running: Promise<void> = Promise.resolve()
  /** What changes entries comes between two rounds: a round ends by keeping what it began with. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    running = running.then(work, work)
    return running
  }
  const nextRound = (): Promise<void> => inTurn(round)
  const timer = setInterval(() => {
    nextRound().catch((error: unknown) => host.log(`bench: ${problemOf(error).message}`))
  }, POLL_MS)
  host.signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  await nextRound()

  const unitAt = (path: string): UnitView => {
    const found = tokens.entries().find(([, { disk }]) => disk.path === path)
    return tokens.get(found?.[0] ?? '').view
  }

  return {
    view: () => view,
    unit: (token) => tokens.get(token),
    units: () => tokens.entries().map(([, entry]) => entry),
    async refresh(unit) {
      for (const [token] of tokens.entries()) if (unit === undefined || unit === token) stale.add(token)
      await nextRound()
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
    calls: {
      'bench.create-virtual': async ({ name, size }) => {
        const path = await virtual.create(name, size)
        await nextRound()
        return unitAt(path)
      },
      'bench.add-file': async ({ file }) => {
        const path = await virtual.add(needs.files.path(file))
        await nextRound()
        return unitAt(path)
      },
      'bench.remove-virtual': async ({ unit, erase }) => {
        const { disk } = tokens.get(unit)
        // Only what the console made may be erased by it; a file that somebody brought is just taken off the bench.
        await virtual.remove(disk.path, erase && disk.path.startsWith(`${host.paths.virtual}/`))
        await nextRound()
        return {}
      },
      'unit.check-slots': async ({ unit }, signal) => {
        await nextRound()
        const { disk, look } = tokens.get(unit)
        const checked = await host.checks.run(unit, bytesToCheck(look), signal, async (check) =>
          checkUnitSlots(disk, await host.runnerFor(disk.path), check),
        )
        await inTurn(async () => {
          const entry = tokens.get(unit)
          // Written or exchanged meanwhile: what was read says nothing of what is there now.
          if (entry.look !== look) return
          const next = { ...entry, checked }
          const place = `${entry.disk.path} ${entry.disk.identity.busPath}`
          tokens.keep(place, { ...next, view: await unitOf(unit, entry.disk, entry.view.twin, next) })
          await round()
        })
        return tokens.get(unit).view
      },
    },
  }
}

/** Changes when a file was written by somebody, or a device was exchanged. */
async function stampOf(disk: DiskInfo): Promise<string> {
  const { identity } = disk
  if (disk.bus !== 'file') return `${identity.serial} ${identity.wwn} ${identity.size}`
  const found = await stat(disk.path).catch(() => null)
  return `${identity.busPath} ${found?.mtimeMs ?? 0} ${found?.size ?? 0}`
}
