// A virtual PC with UEFI firmware (QEMU, OVMF, software emulation) that boots a disk image, for tests. Every start, also one
// after a reset, goes on from where the firmware is about to look for disks (firmware-snapshot.ts). Every wait has a limit;
// disposing ends the machine, and only processes that were started here.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findTool } from '#node/os/run-tool.ts'
import { firmwareSnapshot } from './firmware-snapshot.ts'
import { acceleration } from './vm-acceleration.ts'
import {
  type Attachment,
  FIRMWARE,
  FIRMWARE_VARIABLES,
  type MachineOptions,
  type MachinePlaces,
  machineArguments,
  QEMU,
} from './vm-arguments.ts'
import { listenForReports } from './vm-reports.ts'
import { type SerialLog, serialLog } from './vm-serial.ts'

export type { Attachment } from './vm-arguments.ts'

export interface VmOptions extends MachineOptions {
  readonly diskPath: string
  /** A second disk on another bus, for instance a copy of the first. */
  readonly second?: { readonly diskPath: string; readonly attach: Attachment }
  /** Through all of the firmware at each start, and a reset within the machine. */
  readonly wholeFirmware?: boolean
  /** Folder of the firmware's states, where not the checkout's cache. */
  readonly states?: string
  /** Called with each line of the serial console, without colours. */
  onLine?(line: string): void
}

export interface Vm extends AsyncDisposable {
  /** What the serial console showed so far, without terminal control sequences. */
  serial(): string
  /** Waits for text that appears after what earlier calls matched. Throws at the time limit, or when the machine ends. */
  waitFor(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>
  /** Waits until the machine powers itself off. */
  exited(timeoutMs: number): Promise<void>
  /** Runs one command in the guest's shell, as root; needs `shell`. Throws at the time limit. */
  run(command: string, timeoutMs: number): Promise<{ readonly output: string; readonly code: number }>
  /**
   * Gives the guest's shell a command that restarts the machine, and does not wait for it: whether its shell still tells the
   * end before the machine goes down is chance. What happened shows on the serial console.
   */
  runAndRestart(command: string): Promise<void>
  /** Pulls the plug: what the guest had not written yet is lost. */
  kill(): Promise<void>
  /** One command to QEMU's monitor (system_reset, device_del disk0, quit); answers what it prints. */
  monitor(command: string): Promise<string>
}

/** What is missing here to run virtual machines, as text for a skipped test; null when nothing is. */
export async function vmsCannotRun(): Promise<string | null> {
  if (!(await findTool('qemu-system-x86_64'))) return 'needs qemu-system-x86_64 (apt install qemu-system-x86)'
  if (!(await stat(FIRMWARE).catch(() => null))) return `needs ${FIRMWARE} (apt install ovmf)`
  return null
}

export async function startVm(wanted: VmOptions): Promise<Vm> {
  const options = { ...wanted, acceleration: wanted.acceleration ?? (await acceleration()) }
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-vm-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const at = (name: string) => join(folder, name)
  const places: MachinePlaces = {
    disk: options.diskPath,
    second: options.second?.diskPath ?? '',
    variables: at('variables'),
    monitor: at('monitor'),
    reports: at('reports'),
    shell: at('shell'),
  }
  const reports = cleanup.use(await listenForReports(places.reports))
  const log = serialLog(options.onLine)
  let state = await stateFor(options)
  let killed = false

  /** The next process of the machine, from power-on; resets come here, too, where there is a state to start from. */
  async function powerOn(): Promise<ChildProcess> {
    await copyFile(FIRMWARE_VARIABLES, places.variables)
    reports.forget()
    const child = await run(machineArguments(options, places), state, log)
    child.once('close', async () => {
      const { ran, restarts } = await reports.ended()
      const unusable = state !== null && !ran
      if (killed || !(restarts || unusable)) return log.end()
      if (state !== null && unusable) {
        tell(`its state could not be loaded: ${log.problems()}`)
        await rm(state, { force: true })
        state = null
      }
      current = powerOn()
      current.catch((error) => {
        log.problem(String(error))
        log.end()
      })
    })
    // It goes on only from here, so that none of its reports comes before somebody hears them.
    const goesOn = state && reports.ask('migrate-incoming', { uri: `fd:${STATE_FD}` }).catch(log.problem)
    if (goesOn) await Promise.race([goesOn, once(child, 'close')])
    return child
  }
  let current = powerOn()
  const kill = async () => {
    killed = true
    const child = await current
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await current
  cleanup.defer(kill)
  const all = cleanup.move()
  return {
    serial: log.text,
    waitFor: log.waitFor,
    exited: log.ended,
    monitor: (command) => askMonitor(places.monitor, command),
    kill,
    run: (command, timeoutMs) => runInShell(places.shell, command, timeoutMs),
    runAndRestart: (command) => tellShell(places.shell, command),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

/** In the output of the test file, and in that of the whole run (build/test.ts shows figures). */
const tell = (why: string): void => console.log(`figure: a machine went through all of its firmware: ${why}`)

/** Null for a machine that goes through all of its firmware. */
async function stateFor(options: VmOptions): Promise<string | null> {
  // What a guest wrote is thrown away with its process: there is one process only. QEMU cannot save the state of NVMe.
  const nvme = options.attach === 'nvme' || options.second?.attach === 'nvme'
  // A real processor is through before the machine could be held.
  if (options.wholeFirmware || options.snapshot || nvme || options.acceleration === 'kvm') return null
  try {
    return await firmwareSnapshot(options, options.states)
  } catch (error) {
    tell(String(error))
    return null
  }
}

const STATE_FD = 3

/** A reset ends a process that began with a state: the next one begins with it again. */
async function run(machine: readonly string[], state: string | null, log: SerialLog): Promise<ChildProcess> {
  await using file = state ? await open(state) : null
  const more = file ? ['-incoming', 'defer', '-action', 'reboot=shutdown'] : []
  const stdio = ['ignore', 'pipe', 'pipe', ...(file ? [file.fd] : [])] as const
  const child = spawn(QEMU, [...machine, ...more], { stdio: [...stdio] })
  if (child.stdout) log.read(child.stdout)
  child.stderr?.setEncoding('utf8').on('data', log.problem)
  await once(child, 'spawn')
  return child
}

/** Between two processes of a machine nobody listens, for a moment. */
async function connected(path: string): Promise<Socket> {
  for (let attempt = 0; ; attempt++) {
    const socket = createConnection(path)
    try {
      await once(socket, 'connect')
      return socket
    } catch (error) {
      if (attempt === 600) throw error
      await delay(50)
    }
  }
}

/** QEMU's human monitor: one connection per command, the answer is what it prints before the next prompt. */
async function askMonitor(path: string, command: string): Promise<string> {
  const socket = await connected(path)
  socket.setEncoding('utf8')
  socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer from the monitor to ${command}`)))
  let text = ''
  try {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let prompts = 0
    socket.on('data', (part: string) => {
      text += part
      const found = text.split('(qemu) ').length - 1
      if (found > prompts && prompts === 0) socket.write(`${command}\n`)
      prompts = found
      if (prompts >= 2) resolve()
    })
    socket.on('error', reject)
    // `quit` closes the connection instead of printing a prompt.
    socket.on('close', () => resolve())
    await promise
    return (text.split('(qemu) ')[1] ?? '').split('\n').slice(1).join('\n').trim()
  } finally {
    socket.destroy()
  }
}

/** Writes one line to the guest's shell, which is then busy with it. */
async function tellShell(path: string, command: string): Promise<void> {
  const socket = await connected(path)
  try {
    await new Promise<void>((resolve, reject) =>
      socket.write(`${command}\n`, (error) => (error ? reject(error) : resolve())),
    )
  } finally {
    socket.end()
  }
}

/** One connection per command, which is one line; the shell echoes nothing, and the last line is ours. */
async function runInShell(path: string, command: string, timeoutMs: number): Promise<{ output: string; code: number }> {
  const socket = await connected(path)
  socket.setEncoding('utf8')
  const mark = `end-${Math.random().toString(36).slice(2)}`
  let text = ''
  const { promise, resolve, reject } = Promise.withResolvers<{ output: string; code: number }>()
  const limit = setTimeout(
    () => reject(new Error(`${command}: no end after ${timeoutMs / 1000} s\n${text}`)),
    timeoutMs,
  )
  socket.on('data', (part: string) => {
    text += part.replaceAll('\r', '')
    const end = new RegExp(`${mark} (\\d+)\\n`).exec(text)
    if (end) resolve({ output: text.slice(0, end.index), code: Number(end[1]) })
  })
  socket.on('error', reject)
  socket.on('close', () => reject(new Error(`${command}: the machine ended\n${text}`)))
  try {
    socket.write(`( ${command} ) 2>&1; echo ${mark} $?\n`)
    return await promise
  } finally {
    clearTimeout(limit)
    socket.destroy()
  }
}

export interface BootOptions extends VmOptions {
  /** Text to wait for on the serial console, or that the machine powers itself off. */
  readonly until: RegExp | 'exit'
  readonly timeoutMs: number
}

/** Starts the machine, waits once, ends it. Throws with the end of the console when the time is up. */
export async function bootDisk(options: BootOptions): Promise<{ serial: string; matched: RegExpExecArray | null }> {
  await using vm = await startVm(options)
  if (options.until === 'exit') {
    await vm.exited(options.timeoutMs)
    return { serial: vm.serial(), matched: null }
  }
  const matched = await vm.waitFor(options.until, options.timeoutMs)
  return { serial: vm.serial(), matched }
}
