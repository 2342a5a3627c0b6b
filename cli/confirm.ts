// The question before a disk is written: the plan's own sentences, then the last six characters of the drive's serial
// (or the file's name), typed. Case and spaces do not matter; an empty answer never confirms.
import { createInterface } from 'node:readline/promises'
import { EngineError } from '#base/errors.ts'
import type { Plan } from '#model/plan.ts'
import { LONG_TEXT, printable } from '#plan/common.ts'
import type { PlanText } from '#plan/describe.ts'
import type { Output } from './output.ts'

/** What must be typed for this disk. */
export function expectedAnswer(disk: Plan['disk']): string {
  const serial = disk.serial?.replaceAll(/\s/g, '') ?? ''
  return serial.length > 0 ? serial.slice(-6) : (disk.path.split('/').at(-1) ?? disk.path)
}

const squeeze = (text: string) => text.replaceAll(/\s/g, '').toLowerCase()

export const isConfirmed = (answer: string, expected: string): boolean =>
  squeeze(expected).length > 0 && squeeze(answer) === squeeze(expected)

export function printPlan(output: Output, plan: Plan, text: PlanText): void {
  const { style } = output
  output.line(style.bold(text.title))
  const column = (title: string, rows: readonly string[]) => {
    if (rows.length === 0) return
    output.line(`  ${title}`)
    for (const row of rows) output.line(`    - ${row}`)
  }
  column(style.red('will be erased'), text.erased)
  column(style.green('will be kept'), text.kept)
  if (text.partitions.length > 0) {
    output.line('  partitions')
    for (const row of text.partitions) output.line(`    ${row}`)
  }
  output.line('  steps')
  text.steps.forEach((step, index) => {
    output.line(`    ${String(index + 1).padStart(2)}. ${step}`)
  })
  if (plan.release) {
    const { version, product, hardware = [], signer } = plan.release
    output.line(`  release ${version ?? '(no version: image with .sha256 and .asc)'}, signed by ${signer}`)
    const machines = hardware.length > 0 ? hardware.map(printable).join(', ') : 'any hardware'
    output.line(`  for product ${printable(product ?? 'unknown')}, ${machines}`)
  }
  output.line(style.dim(`  plan ${plan.id}`))
}

interface Asker {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream
}

const whatToType = (disk: Plan['disk']): string =>
  disk.serial ? 'the last six characters of the serial number' : "the file's name"

/** One question for all disks: each is named, and its answer is typed, in the order shown. */
function questionFor(disks: readonly Plan['disk'][]): string {
  if (disks.length === 1) return `Type ${whatToType(disks[0])} (${expectedAnswer(disks[0])}) to go ahead: `
  const shown = (text: string) => printable(text, LONG_TEXT)
  const rows = disks.map((disk) => `  ${shown(disk.path)}: ${whatToType(disk)}, ${shown(expectedAnswer(disk))}`)
  const all = disks.map((disk) => shown(expectedAnswer(disk))).join(' ')
  return `${disks.length} disks will be written:\n${rows.join('\n')}\nType them all (${all}) to go ahead: `
}

/**
 * Asks on the terminal, once for all disks.
 * @throws EngineError `cli.no-terminal` when nobody is there, `cli.not-confirmed` for a wrong answer.
 */
export async function askToConfirm(disks: readonly Plan['disk'][], asker: Asker, signal: AbortSignal): Promise<void> {
  if (!asker.input.isTTY) throw new EngineError('cli.no-terminal')
  const expected = disks.map(expectedAnswer).join(' ')
  const lines = createInterface({ input: asker.input, output: asker.output })
  try {
    // A terminal that goes away, or Ctrl-D, closes the lines; the question itself would wait for ever.
    const gone = new Promise<never>((_, reject) => {
      lines.once('close', () => reject(new EngineError('job.cancelled')))
    })
    const asked = lines.question(questionFor(disks), { signal })
    const answer = await Promise.race([asked, gone])
    if (!isConfirmed(answer, expected))
      throw new EngineError('cli.not-confirmed', { found: answer.slice(0, 40), expected })
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError')
      throw new EngineError('job.cancelled', {}, { cause: error })
    throw error
  } finally {
    lines.close()
  }
}
