// The appliance's disk while the machine is off: what `twinslot` says of it, and files of its data partition by debugfs.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requireTool, runTool } from '#node/os/run-tool.ts'
import { type Result, twinslot } from '../cli/twinslot.ts'

const LIMIT = { timeoutMs: 60_000 }

export interface SlotFacts {
  readonly verdict: string
  readonly triesUsed?: number
  readonly record: { readonly state: string; readonly content?: { readonly version: string } }
}

/** What `twinslot inspect --json` tells. */
export interface DiskFacts {
  readonly slots: Readonly<Record<'A' | 'B', SlotFacts>>
  readonly boot: {
    readonly wanted: string | null
    readonly good: string | null
    readonly next: { readonly slot: 'A' | 'B'; readonly counted: boolean }
  }
  readonly findings: readonly { readonly code: string }[]
  readonly table: { readonly entries: readonly { readonly name: string; readonly firstLba: number }[] }
  /** Everything else. */
  readonly [name: string]: unknown
}

export async function inspect(disk: string): Promise<DiskFacts> {
  const { exit, result, stderr } = await twinslot(['inspect', disk])
  if (exit !== 0) throw new Error(`twinslot inspect ${disk} ended with ${exit}: ${JSON.stringify(result)} ${stderr}`)
  if (!hasFacts(result)) throw new Error(`twinslot inspect ${disk} told ${JSON.stringify(result)}`)
  return result
}

const hasFacts = (result: Result): result is Result & DiskFacts =>
  ['slots', 'boot', 'findings', 'table'].every((name) => name in result)

/** The image as debugfs takes it: the data partition by its place. */
async function dataOf(disk: string): Promise<string> {
  const { table } = await inspect(disk)
  const data = table.entries.find(({ name }) => name === 'MSP-DATA')
  if (!data) throw new Error(`${disk} has no data partition`)
  return `${disk}?offset=${data.firstLba * 512}`
}

/** A file of /var/lib/msp, or null. After a killed machine the journal is replayed first, as the next start would. */
export async function readDataFile(disk: string, path: string): Promise<string | null> {
  const data = await dataOf(disk)
  await runTool('e2fsck', ['-p', data], LIMIT)
  const { stdout, stderr } = await runTool('debugfs', ['-R', `cat "/${path}"`, data], LIMIT)
  return /File not found/.test(stderr) ? null : stdout
}

/** Puts a file into /var/lib/msp, which must not have it yet; folders are made. */
export async function writeDataFile(disk: string, path: string, text: string, mode = 0o600): Promise<void> {
  const data = await dataOf(disk)
  const folder = await mkdtemp(`${disk}-write-`)
  try {
    const parts = path.split('/')
    const folders = parts.slice(0, -1).map((_, index) => `mkdir "/${parts.slice(0, index + 1).join('/')}"`)
    await writeFile(join(folder, 'file'), text)
    const fields = [`sif "/${path}" mode 0${(0o100000 | mode).toString(8)}`, `sif "/${path}" uid 0`]
    const script = [...folders, `write "${join(folder, 'file')}" "/${path}"`, ...fields, `sif "/${path}" gid 0`, '']
    await writeFile(join(folder, 'script'), script.join('\n'))
    await requireTool('debugfs', ['-w', '-f', join(folder, 'script'), data], LIMIT)
  } finally {
    await rm(folder, { recursive: true })
  }
  if ((await readDataFile(disk, path)) !== text) throw new Error(`${path} was not written`)
}
