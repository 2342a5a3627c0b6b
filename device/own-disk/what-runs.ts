// What runs, by the running root's own word (/etc/twinslot/image.json, else IMAGE_VERSION of os-release), which the signature of
// its image covers. The slot record on the ESP is a note of who wrote the slot last through these programs, and is asked second.
import { join } from 'node:path'
import { EngineError, type Finding, finding, isEngineError } from '#base/errors.ts'
import { decodeImageFacts, IMAGE_FACTS_LIMIT } from '#format/image-facts.ts'
import type { BootObservation } from '#model/observation.ts'
import type { Slot, SlotContent, SlotRecord } from '#model/slot.ts'
import { isVersion } from '#model/version.ts'
import { whyUnreadable } from '#node/os/absent.ts'
import { readBounded } from '#node/os/bounded-read.ts'
import type { DevicePaths } from '../ports.ts'

/** What the running root says of itself. */
export interface RootSays {
  readonly version: string
  /** Null: it names none. */
  readonly product: string | null
  readonly counter: number | null
}

const OS_RELEASE_LIMIT = 64 * 1024

/** Null where it says nothing; then `finding` tells whether that is because it cannot be read. */
export async function whatRuns(
  paths: Pick<DevicePaths, 'etc'>,
): Promise<{ readonly says: RootSays | null; readonly finding: Finding | null }> {
  const file = join(paths.etc, 'image.json')
  try {
    const bytes = await ifThere(file, IMAGE_FACTS_LIMIT)
    if (bytes === null) return { says: await fromOsRelease(paths), finding: null }
    const facts = decodeImageFacts(bytes)
    if (!facts.ok) return { says: null, finding: facts.refusals[0] }
    const { version, product, counter } = facts.value
    return { says: { version, product, counter }, finding: null }
  } catch (error) {
    if (!isEngineError(error)) throw error
    return { says: null, finding: { code: error.code, details: error.details } }
  }
}

/** VERSION_ID is the distribution's, not the image's. */
async function fromOsRelease({ etc }: Pick<DevicePaths, 'etc'>): Promise<RootSays | null> {
  const text = (await ifThere(join(etc, '../os-release'), OS_RELEASE_LIMIT))?.toString('utf8') ?? ''
  const version = /^IMAGE_VERSION=(["']?)([^"'\s]+)\1\s*$/m.exec(text)?.[2] ?? ''
  return isVersion(version) ? { version, product: null, counter: null } : null
}

async function ifThere(file: string, limit: number): Promise<Buffer | null> {
  try {
    return await readBounded(file, limit)
  } catch (cause) {
    const reason = await whyUnreadable(file, cause)
    if (reason === null) return null
    throw new EngineError('settings.file-unreadable', { file, reason }, { cause })
  }
}

/** `own.runs-another`: the slot was written by somebody else since it was recorded. */
export function runsAnother(slot: Slot, record: SlotRecord, says: RootSays | null): Finding[] {
  const expected = record.state === 'written' ? record.content.version : null
  if (says === null || expected === null || expected === says.version) return []
  return [finding('own.runs-another', { slot, expected, found: says.version })]
}

const NOBODY = { size: 0, sha256: '', signer: '', writtenAt: '', writtenBy: '' }

/** For judging what is installed: the record of the slot that runs says what runs, also where it is lost. */
export function withTruth(boot: BootObservation, running: Slot, says: RootSays | null): BootObservation {
  if (says === null) return boot
  const record = boot.records[running]
  const known: SlotContent =
    record.state === 'written' ? record.content : { ...NOBODY, product: null, version: null, counter: null }
  const content = { ...known, ...says, product: says.product ?? known.product, counter: says.counter ?? known.counter }
  return { ...boot, records: { ...boot.records, [running]: { state: 'written', content } } }
}
