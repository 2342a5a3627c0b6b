// The writes that make both sides of a GPT agree again. The intact side's entries are copied byte for byte, so that
// whatever another tool keeps there survives.
import { alignUp } from '#base/bytes.ts'
import { EngineError, explain, type Finding, isEngineError } from '#base/errors.ts'
import type { GptReading, GptSideName } from './gpt-decode.ts'
import { encodeHeader, encodeProtectiveMbr, type GptWrite } from './gpt-encode.ts'

/**
 * Writes, in a safe order, that rebuild what is damaged from what is intact; empty when nothing is. `keep` names the side
 * that both shall be like, where both are intact and differ. A backup that is not at the end (the disk changed its size)
 * is rebuilt there and the usable range fitted. A hybrid MBR is left as it is.
 * Throws `gpt.unrepairable` when there is no intact side, `gpt.disk-too-small` when the entries have no room.
 */
export function repairWrites(reading: GptReading, keep = reading.used): readonly GptWrite[] {
  const { sectors, sectorSize, protectiveMbr } = reading
  const source = keep === null ? null : reading.sides[keep]
  // The other side of the one that is kept is rebuilt wherever they differ.
  const primary = keep === 'backup' ? (reading.sides.primary ? reading.backup : reading.primary) : reading.primary
  const backup = keep === 'backup' ? 'ok' : reading.backup
  if (!source) {
    const name = (side: GptReading['primary']) =>
      side === 'ok' ? 'it is intact' : explain(side).message.replace(/\.$/, '')
    throw new EngineError('gpt.unrepairable', { primary: name(reading.primary), backup: name(reading.backup) })
  }
  const writes: GptWrite[] = []
  const { header } = source
  const entries = new Uint8Array(alignUp(source.entries.length, sectorSize))
  entries.set(source.entries)
  const arraySectors = entries.length / sectorSize
  const grown = keep === 'primary' && header.alternateLba !== sectors - 1
  const lastUsableLba = grown ? sectors - arraySectors - 2 : header.lastUsableLba
  const primaryEntriesLba = keep === 'primary' ? header.entriesLba : 2
  const backupEntriesLba = keep === 'backup' ? header.entriesLba : sectors - arraySectors - 1
  const needed = Math.max(0, ...source.table.entries.map((entry) => entry.lastLba)) + arraySectors + 2
  if (backupEntriesLba <= lastUsableLba || primaryEntriesLba + arraySectors > header.firstUsableLba || needed > sectors)
    throw new EngineError('gpt.disk-too-small', { found: sectors, sectorSize, needed })

  const common = { ...header, lastUsableLba }
  const headerWrite = (myLba: number, alternateLba: number, entriesLba: number): GptWrite => ({
    offset: myLba * sectorSize,
    bytes: encodeHeader({ ...common, myLba, alternateLba, entriesLba }, sectorSize),
  })
  if (backup !== 'ok')
    writes.push(
      { offset: backupEntriesLba * sectorSize, bytes: entries },
      headerWrite(sectors - 1, 1, backupEntriesLba),
    )
  if (primary !== 'ok') writes.push({ offset: primaryEntriesLba * sectorSize, bytes: entries })
  const mbr = protectiveMbr !== 'ok' && protectiveMbr.code === 'gpt.mbr-missing'
  if (mbr || (grown && protectiveMbr === 'ok'))
    writes.push({ offset: 0, bytes: encodeProtectiveMbr(sectors, sectorSize, reading.mbrSector) })
  if (primary !== 'ok' || grown) writes.push(headerWrite(1, sectors - 1, primaryEntriesLba))
  return writes
}

/** Why a table cannot be rebuilt from its side `keep`; null when it can. The same function that will do it is asked. */
export function repairRefusal(reading: GptReading, keep: GptSideName): Finding | null {
  try {
    repairWrites(reading, keep)
    return null
  } catch (error) {
    if (!isEngineError(error)) throw error
    return { code: error.code, details: error.details }
  }
}
