// On whose authority a runner acts, decided once when it starts. Started with somebody's own rights it takes what they name:
// they could do the same without it. Made root for another it treats that one as hostile: disks only from its own inventory,
// layouts by name or text, files with the caller's rights, and trust, never-touch list, journal and clock of its own.
import { fromUtf8 } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import type { RunnerJob } from '#contract/runner.ts'
import { BUILT_IN_LAYOUTS, builtinLayout } from '#model/layouts.ts'
import { listDisks, listSysfsDisks } from '#node/disk/inventory.ts'
import { isLayoutText } from '#node/job/layout-file.ts'
import { readTrustFile } from '#node/os/word-file.ts'
import { offerDisk } from '#plan/offer.ts'
import { MAX_KEYRING_SIZE, parseTrust, type TrustedKeys } from '#trust/keyring.ts'
import { OWN_PLACES, ownFolder, readOwn } from './own-places.ts'

export interface Authority {
  /** Files are opened with somebody else's rights, which for that moment are the rights of everything that this process does. */
  readonly forAnother: boolean
  /** The disk that is meant. @throws EngineError `disk.not-found` */
  target(named: string): Promise<string>
  /** The disk that is meant, to be read below its partition table. @throws EngineError `disk.not-found`, `disk.system` */
  readable(named: string): Promise<string>
  /** What was asked for, with everything put in that is not the caller's to say. @throws EngineError `layout.not-named`, `runner.*` */
  job(asked: RunnerJob): Promise<RunnerJob>
  readTrust(named: string): Promise<TrustedKeys>
  neverTouch(named: readonly string[]): Promise<readonly string[]>
  /** Where a job without a release keeps its journal. */
  readonly journal: string
}

const MAX_LIST = 64 * 1024
const now = (): string => new Date().toISOString()

/** For somebody's own runner; the machine's never-touch list counts here, too. */
export const ownAuthority = (journal: string): Authority => ({
  forAnother: false,
  journal,
  target: async (named) => named,
  readable: async (named) => named,
  job: async (asked) => ({ ...asked, at: now() }),
  readTrust: readTrustFile,
  neverTouch: withOwnList,
})

/** For a runner that was made root by user `uid`. */
export const authorityFor = (uid: number): Authority => ({
  forAnother: true,
  journal: OWN_PLACES.journal,
  target,
  async readable(named) {
    const path = await target(named)
    const disk = (await ownDisks()).find((each) => each.path === path)
    const system = disk && offerDisk(disk, null).reasons.find(({ code }) => code === 'disk.system')
    if (system) throw new EngineError(system.code, system.details)
    return path
  },
  async job(asked) {
    const journal = await ownFolder(OWN_PLACES.journal)
    const mine = { target: await target(asked.target), at: now(), by: `${asked.by} (user ${uid})` }
    switch (asked.kind) {
      case 'provision':
        return { ...asked, ...mine, journal, layout: closedLayout(asked.layout) }
      case 'slot':
        return { ...asked, ...mine }
      default:
        return { ...asked, ...mine, journal }
    }
  },
  async readTrust() {
    const bytes = await readOwn(OWN_PLACES.trust, MAX_KEYRING_SIZE)
    if (bytes === null) throw new EngineError('runner.no-trust', { file: OWN_PLACES.trust })
    return await parseTrust(bytes)
  },
  neverTouch: withOwnList,
})

const ownDisks = async () => (process.platform === 'linux' ? listSysfsDisks() : (await listDisks()).disks)

/** By exact name: links, image files and everything else that the caller could exchange are no names of disks. */
async function target(named: string): Promise<string> {
  const disk = (await ownDisks()).find(({ path }) => path === named)
  if (!disk) throw new EngineError('disk.not-found', { disk: named })
  return disk.path
}

function closedLayout(layout: string): string {
  if (builtinLayout(layout) || isLayoutText(layout)) return layout
  throw new EngineError('layout.not-named', { name: layout, expected: Object.keys(BUILT_IN_LAYOUTS).join(', ') })
}

async function withOwnList(named: readonly string[]): Promise<readonly string[]> {
  const bytes = process.platform === 'linux' ? await readOwn(OWN_PLACES.neverTouch, MAX_LIST) : null
  return [...named, ...neverTouchOf(bytes ?? new Uint8Array())]
}

/** Serials, one per line; `#` begins a remark. */
export const neverTouchOf = (bytes: Uint8Array): readonly string[] =>
  (fromUtf8(bytes) ?? '')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
