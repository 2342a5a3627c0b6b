// The provisioning report of the demo as a few lines: what each step proved, from the report file itself.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBytes } from '#base/bytes.ts'
import type { Report } from '#engine/run-plan.ts'

/** The newest provisioning report in the folder; null when there is none. */
export async function newestReport(folder: string): Promise<{ readonly file: string; readonly report: Report } | null> {
  const names = (await readdir(folder)).filter((name) => name.includes('-provision-')).sort()
  const name = names.at(-1)
  if (name === undefined) return null
  const file = join(folder, name)
  return { file, report: JSON.parse(await readFile(file, 'utf8')) }
}

/** One line per step: its title and what it proved. */
export const reportLines = ({ steps, account, startedAt, endedAt }: Report): string[] => [
  ...steps.map(({ title, evidence }) => {
    const proofs = [
      ['bytesWritten', 'written'],
      ['bytesZeroed', 'zeroed'],
      ['bytesReadBack', 'read back'],
    ].flatMap(([field, word]) =>
      typeof evidence[field] === 'number' ? [`${formatBytes(Number(evidence[field]))} ${word}`] : [],
    )
    const digest = typeof evidence.sha256 === 'string' ? [`sha256 ${evidence.sha256.slice(0, 16)}…`] : []
    return `✓ ${title}${proofs.length + digest.length > 0 ? `: ${[...proofs, ...digest].join(', ')}` : ''}`
  }),
  `${formatBytes(account.bytesWritten)} written, ${formatBytes(account.bytesRead)} read in ${((Date.parse(endedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s`,
]
