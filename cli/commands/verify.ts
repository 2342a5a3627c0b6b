// verify: reads a whole slot and compares it with the signed digests of a release. Writes nothing.
import { formatBytes } from '#base/bytes.ts'
import { EngineError, isEngineError } from '#base/errors.ts'
import { verifyImage } from '#engine/copy/read-back.ts'
import { observeDisk } from '#engine/observe.ts'
import { verdictOf, verdictText } from '#model/boot-state.ts'
import type { DiskObservation } from '#model/observation.ts'
import type { Slot } from '#model/slot.ts'
import { nodePace, openBlockCodec } from '#node/codec/block-codec.ts'
import { openDisk } from '#node/job/station.ts'
import { notAbDisk } from '#plan/flash.ts'
import { parseSlot, parseWords, text } from '../args.ts'
import type { Command } from '../commands.ts'
import { Refused } from '../output.ts'
import { openTrusted, readTrust, stepProgress } from '../release.ts'

export const run: Command = async (context) => {
  const words = parseWords('verify', context.argv.slice(1), {
    words: ['DISK'],
    texts: ['slot', 'release', 'trust'],
    required: ['slot', 'release', 'trust'],
  })
  const slot = parseSlot('verify', text(words, 'slot') ?? '')
  await using codec = openBlockCodec()
  await using release = await openTrusted(text(words, 'release') ?? '', await readTrust(words), context)
  await using open = await openDisk(words.positionals[0], true)
  const seen = await observeDisk(open.device, open.disk)
  if (!seen.slots) throw new Refused([notAbDisk(seen)])
  const progress = stepProgress(context, `Read slot ${slot} back`)
  const { table } = release.image('system')
  const done = await verifyImage({
    table,
    device: open.device,
    offset: seen.slots[slot].offset,
    length: seen.slots[slot].length,
    codec,
    pace: nodePace,
    signal: context.signal,
    onProgress: progress.update,
  }).catch((error: unknown) => {
    // Nothing was written now, and who wrote what is there is not known: that the medium is at fault, neither.
    if (!isEngineError(error, 'write.verify-failed')) throw error
    const { offset, expected, found } = error.details
    const name = release.facts.version ?? 'the image'
    const details = { slot, release: name, offset, expected, found, recorded: recordedAs(seen, slot) }
    throw new EngineError('slot.not-this-release', details, { cause: error })
  })
  progress.end()
  context.output.result(
    { slot, verified: true, ...done, version: release.facts.version, signer: release.facts.signer },
    [
      `Slot ${slot} is ${release.facts.version ?? 'the image'}: ${formatBytes(done.readBack)} read back, every block has its signed digest.`,
      ...(done.direct ? [] : ['The file system here has no direct I/O: the bytes may have come from the cache.']),
    ],
  )
  return 0
}

/** What the slot record says that a slot holds. */
function recordedAs({ boot }: DiskObservation, slot: Slot): string {
  if (!boot) return 'unknown'
  const record = boot.records[slot]
  const verdict = verdictText(verdictOf(slot, boot.records, boot.state))
  return record.state === 'written' ? `${record.content.version ?? 'an image without version'}, ${verdict}` : verdict
}
