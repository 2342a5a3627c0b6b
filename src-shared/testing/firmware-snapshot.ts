// The firmware's first seconds, run once per kind of machine: the state of a machine that has not looked at a disk yet,
// kept in a file that every machine of that kind starts from. Proven of each before it is kept: of the disks, which are
// empty ones that no test has, nothing was read. A test's machine reads its own. Proven of each before it is used: it is
// whole, and the one of just this kind; any other is made anew.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { appendFile, copyFile, mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { requireTool } from '#node/os/run-tool.ts'
import { FIRMWARE, FIRMWARE_VARIABLES, type MachineOptions, machineArguments, QEMU } from './vm-arguments.ts'
import { listenForReports, type Reports } from './vm-reports.ts'

const KEPT = join(import.meta.dirname, '..', '..', '.cache', 'firmware')
const LIMIT_MS = 120_000
/** Nothing of a test's disk: far smaller, and empty. */
const EMPTY_BYTES = 1024 * 1024

/** Everything that the state depends on. */
async function keyOf(options: MachineOptions): Promise<string> {
  const nowhere = { disk: '', second: '', variables: '', monitor: '', reports: '', shell: '' }
  const { stdout } = await requireTool(QEMU, ['--version'], { timeoutMs: 60_000 })
  const hash = createHash('sha256').update(JSON.stringify([stdout, machineArguments(options, nowhere)]))
  for (const path of [FIRMWARE, FIRMWARE_VARIABLES, import.meta.filename]) hash.update(await readFile(path))
  return hash.digest('hex').slice(0, 32)
}

const SEAL_BYTES = 32

/** Stands behind a state, where QEMU has stopped reading: over the state and the kind that it is for. */
const seal = (key: string, state: Uint8Array): Buffer => createHash('sha256').update(key).update(state).digest()

/** Whether the file at `path` is a state, whole and for machines of this kind. */
async function usable(path: string, key: string): Promise<boolean> {
  const bytes = await readFile(path).catch(() => null)
  return bytes !== null && seal(key, bytes.subarray(0, -SEAL_BYTES)).equals(bytes.subarray(-SEAL_BYTES))
}

/** Keeps what `made` holds as the state of this kind. */
export async function keepState(options: MachineOptions, made: string, folder = KEPT): Promise<string> {
  const key = await keyOf(options)
  await appendFile(made, seal(key, await readFile(made)))
  const kept = join(folder, `${key}.state`)
  await rename(made, kept)
  return kept
}

/** Path of the state that machines of this kind start from; made at the first call. @throws when none can be made */
export async function firmwareSnapshot(options: MachineOptions, kept = KEPT): Promise<string> {
  const key = await keyOf(options)
  const path = join(kept, `${key}.state`)
  if (await usable(path, key)) return path
  await mkdir(kept, { recursive: true })
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-firmware-'))
  const made = `${path}.${process.pid}`
  try {
    await make(options, folder, made)
    return await keepState(options, made, kept)
  } finally {
    await rm(made, { force: true })
    await rm(folder, { recursive: true, force: true })
  }
}

async function make(options: MachineOptions, folder: string, out: string): Promise<void> {
  const at = (name: string) => join(folder, name)
  await copyFile(FIRMWARE_VARIABLES, at('variables'))
  for (const name of ['disk', 'second']) {
    await using file = await open(at(name), 'w')
    await file.truncate(EMPTY_BYTES)
  }
  const [disk, second, variables] = [at('disk'), at('second'), at('variables')]
  const places = { disk, second, variables, monitor: at('monitor'), reports: at('reports'), shell: at('shell') }
  await using reports = await listenForReports(places.reports)
  const child = spawn(QEMU, machineArguments(options, places), {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Its shell gets the path as it is.
    env: { ...process.env, STATE: out },
  })
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  try {
    await holdAtFirstOutput(child, reports)
    await reports.ask('migrate', { uri: 'exec:cat > "$STATE"' })
    await written(reports)
  } finally {
    clearTimeout(limit)
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
}

interface Statistics {
  readonly device: string
  readonly stats: Readonly<Record<string, unknown>>
}

/** The firmware clears its consoles before it looks for disks. */
async function holdAtFirstOutput(child: ChildProcess, reports: Reports): Promise<void> {
  const ended = once(child, 'exit').then(() =>
    Promise.reject(new Error('QEMU ended before the firmware said anything')),
  )
  const spoke = new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()))
  await Promise.race([spoke, ended])
  await reports.ask('stop')
  const all = (await reports.ask('query-blockstats')) as readonly Statistics[]
  const disks = all.filter(({ device }) => device === 'disk' || device === 'second')
  const used = (name: string) => disks.some(({ stats }) => stats[name] !== 0)
  if (disks.length === 0 || used('rd_operations') || used('wr_operations') || used('failed_rd_operations'))
    throw new Error('the firmware looked at a disk before it could be held')
}

async function written(reports: Reports): Promise<void> {
  for (;;) {
    const { status } = (await reports.ask('query-migrate')) as { readonly status?: string }
    if (status === 'completed') return
    if (status === 'failed' || status === 'cancelled')
      throw new Error(`the machine's state could not be saved: ${status}`)
    await delay(20)
  }
}
