// Rows as Markdown.
import { arch, cpus, release, totalmem, type } from 'node:os'
import { formatBytes } from '#base/bytes.ts'
import { median, type Sample } from './measure.ts'
import type { Row } from './rows.ts'

const middle = (all: readonly Sample[], pick: (one: Sample) => number | null): number | null => {
  const values = all.map(pick).filter((value) => value !== null)
  return values.length > 0 ? median(values) : null
}
const number = (value: number | null, digits: number): string => (value === null ? '–' : value.toFixed(digits))

function table(row: Row): string[] {
  const lines = [
    '| program | median s | all runs | reads back? | read | written | CPU s | peak MiB | detail |',
    '|---|---|---|---|---|---|---|---|---|',
  ]
  for (const { variant, all } of row.samples) {
    const cells = [
      variant.name,
      number(
        middle(all, (one) => one.seconds),
        2,
      ),
      all.map((one) => one.seconds.toFixed(2)).join(', '),
      variant.verifies ? 'yes' : '**no**',
      formatBytes(middle(all, (one) => one.readBytes) ?? 0),
      formatBytes(middle(all, (one) => one.writtenBytes) ?? 0),
      number(
        middle(all, (one) => one.cpuSeconds),
        1,
      ),
      number(
        middle(all, (one) => one.peakMiB),
        0,
      ),
      all.at(-1)?.note ?? '',
    ]
    lines.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
  }
  return lines
}

/** The table of targets comes first: it is what people look for. */
export function reportOf(
  rows: readonly Row[],
  facts: { readonly date: Date; readonly rounds: number; readonly notes: readonly string[] },
): string {
  const [cpu] = cpus()
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${formatBytes(totalmem())} memory, ${type()} ${release()} ${arch()}`
  const targets = rows.flatMap((row) =>
    row.targets.map(({ text, ratio, limit }) => {
      const verdict = ratio <= limit ? 'met' : '**missed**'
      return `| ${row.title} | ${text.replaceAll('|', '\\|')} | ${ratio.toFixed(2)} | ${limit.toFixed(2)} | ${verdict} |`
    }),
  )
  return [
    '# Benchmark',
    '',
    `Written by \`npm run bench\` on ${facts.date.toISOString().slice(0, 10)}, Node ${process.versions.node}, ${facts.rounds} interleaved rounds, medians; bmaptool and RAUC once, for orientation.`,
    'The rows of Twinslot are the engine copying one image inside one process, without the rest of a job (opening the release, marks, file systems, boot files); rows of provisioning are whole commands, from the words to the reports.',
    `Machine: ${machine}. It is shared and noisy: only the ratios mean anything.`,
    "Targets are loop devices with direct I/O on one disk; sources are in the page cache. Bytes read and written are the kernel's counters of the target.",
    ...facts.notes.map((note) => `\n${note}`),
    '',
    '| work | ratio | found | target | |',
    '|---|---|---|---|---|',
    ...targets,
    ...rows.flatMap((row) => ['', `## ${row.title}`, '', ...table(row), ...row.remarks.map((remark) => `\n${remark}`)]),
    '',
  ].join('\n')
}
