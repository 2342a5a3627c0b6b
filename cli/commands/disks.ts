// disks: every disk with who it is, what is on it, and why it is or is not offered.
import { formatBytes } from '#base/bytes.ts'
import { explain, isEngineError } from '#base/errors.ts'
import type { Sight } from '#engine/observe.ts'
import type { DiskInfo } from '#model/disk.ts'
import { BUILT_IN_LAYOUTS } from '#model/layouts.ts'
import { listDisks } from '#node/disk/inventory.ts'
import { lookAt } from '#node/job/station.ts'
import { printable } from '#plan/common.ts'
import { describeContent } from '#plan/describe.ts'
import { minimumDiskSize } from '#plan/layout.ts'
import { offerDisk } from '#plan/offer.ts'
import { parseWords } from '../args.ts'
import type { Command } from '../commands.ts'

interface Row extends DiskInfo {
  readonly offered: boolean
  readonly reasons: readonly { code: string; message: string }[]
  readonly content: string
  readonly partitions: readonly string[]
}

export const run: Command = async ({ argv, output }) => {
  parseWords('disks', argv.slice(1), { words: [] })
  const { disks, notes } = await listDisks()
  const rows: Row[] = []
  for (const disk of disks) {
    const { offered, reasons } = offerDisk(disk, minimumDiskSize(BUILT_IN_LAYOUTS['hp-t640']))
    const seen = await tryLook(disk)
    rows.push({
      ...disk,
      offered,
      reasons: reasons.map((each) => ({ code: each.code, message: explain(each).message })),
      content: typeof seen === 'string' ? seen : seen.content,
      partitions: typeof seen === 'string' ? [] : describeContent(seen),
    })
  }
  output.result({ disks: rows, notes }, [...rows.flatMap((row) => describeRow(row, output.style)), ...notes])
  return 0
}

/** What is on it; without permission to read, the reason. */
async function tryLook(disk: DiskInfo): Promise<Sight | string> {
  try {
    return await lookAt(disk.path, disk)
  } catch (error) {
    if (isEngineError(error)) return `unreadable (${error.code})`
    throw error
  }
}

function describeRow(row: Row, style: Record<'bold' | 'green' | 'yellow' | 'dim', (text: string) => string>): string[] {
  const serial = row.identity.serial ? printable(row.identity.serial) : 'no serial'
  const head = [serial.slice(0, -6), style.bold(serial.slice(-6))].join('')
  const name =
    [row.vendor, row.model]
      .filter((word) => word !== null)
      .map(printable)
      .join(' ') || 'disk'
  const verdict = row.offered ? style.green('offered') : style.yellow('not offered')
  const lines = [
    `${row.path}  ${name}  ${head}  ${formatBytes(row.identity.size)}  ${row.bus}${row.removable ? ', removable' : ''}  ${verdict}`,
    style.dim(`    at ${row.identity.busPath}, sectors of ${row.sectorSize} bytes, content: ${row.content}`),
  ]
  for (const reason of row.reasons) lines.push(`    - ${reason.message}`)
  for (const partition of row.partitions) lines.push(style.dim(`    ${partition}`))
  return lines
}
