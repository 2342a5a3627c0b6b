// A virtual PC with UEFI firmware (QEMU, OVMF, software emulation) that boots a disk image, for tests. Every wait has a
// limit; disposing ends the machine, and only the process that was started here.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findTool } from '#node/os/run-tool.ts'

const FIRMWARE = '/usr/share/OVMF/OVMF_CODE_4M.fd'
const FIRMWARE_VARIABLES = '/usr/share/OVMF/OVMF_VARS_4M.fd'

export type Attachment = 'ahci' | 'nvme' | 'usb' | 'virtio'

/** Boots from the disk with the lowest number. */
const device = (attach: Attachment, number: 0 | 1): readonly string[] => {
  const rest = `id=disk${number},drive=${number === 0 ? 'disk' : 'second'},serial=TWINSLOT${number},bootindex=${number}`
  const bus = ['-device', 'qemu-xhci,id=xhci']
  return {
    ahci: ['-device', `ide-hd,${rest},bus=ide.${number}`],
    nvme: ['-device', `nvme,${rest}`],
    usb: [...bus, '-device', `usb-storage,${rest},bus=xhci.0`],
    virtio: ['-device', `virtio-blk-pci,${rest}`],
  }[attach]
}

export interface VmOptions {
  readonly diskPath: string
  readonly attach: Attachment
  /** MiB, default 512. */
  readonly memory?: number
  /** Throw the guest's writes away when the machine ends. */
  readonly snapshot?: boolean
  /** A second disk on another bus, for instance a copy of the first. */
  readonly second?: { readonly diskPath: string; readonly attach: Attachment }
  /** Serial number of the computer, which the guest reads in /sys/class/dmi/id/product_serial: tells a test image what to do. */
  readonly serialNumber?: string
  /** A network card; the guest sees this computer's 127.0.0.1 as 10.0.2.2. */
  readonly network?: boolean
  /** A hardware watchdog (i6300esb) that resets the machine. */
  readonly watchdog?: boolean
  /** A second serial port, on which a guest that is made for it offers a shell (device/image/minimal). */
  readonly shell?: boolean
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

/** Colours, cursor movements and carriage returns as OVMF and GRUB print them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal control sequences begin with ESC
const CONTROL = /\u001b\[[0-9;?=]*[A-Za-z]|\r|\u0000/g

export async function startVm(options: VmOptions): Promise<Vm> {
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-vm-'))
  const variables = join(folder, 'variables.fd')
  await copyFile(FIRMWARE_VARIABLES, variables)
  const monitorPath = join(folder, 'monitor')
  const child = spawn(
    'qemu-system-x86_64',
    [
      // The plainest processor is the quickest to emulate, by a quarter.
      ...['-machine', 'q35', '-accel', 'tcg', '-cpu', 'qemu64', '-smp', '1', '-m', String(options.memory ?? 512)],
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-serial', 'stdio'],
      ...['-monitor', `unix:${monitorPath},server=on,wait=off`],
      ...['-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${FIRMWARE}`],
      ...['-drive', `if=pflash,format=raw,unit=1,file=${variables}`],
      ...['-drive', `if=none,id=disk,format=raw,file=${options.diskPath}${options.snapshot ? ',snapshot=on' : ''}`],
      ...device(options.attach, 0),
      ...(options.second
        ? [
            ...['-drive', `if=none,id=second,format=raw,file=${options.second.diskPath}`],
            ...device(options.second.attach, 1),
          ]
        : []),
      ...(options.serialNumber ? ['-smbios', `type=1,serial=${options.serialNumber}`] : []),
      // Without its option ROM the firmware does not try to boot from the network.
      ...(options.network ? ['-netdev', 'user,id=net0', '-device', 'virtio-net-pci,netdev=net0,romfile='] : []),
      ...(options.shell ? ['-serial', `unix:${join(folder, 'shell')},server=on,wait=off`] : []),
      ...(options.watchdog ? ['-device', 'i6300esb', '-action', 'watchdog=reset'] : []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const log = readSerial(child, options.onLine)
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return {
    serial: log.text,
    waitFor: log.waitFor,
    exited: log.exited,
    monitor: (command) => askMonitor(monitorPath, command),
    kill,
    run: (command, timeoutMs) => runInShell(join(folder, 'shell'), command, timeoutMs),
    runAndRestart: (command) => tellShell(join(folder, 'shell'), command),
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function readSerial(child: ChildProcess, onLine: ((line: string) => void) | undefined) {
  let text = ''
  let pending = ''
  let consumed = 0
  let shown = 0
  let problem = ''
  let ended = false
  let wake = () => {}
  child.stdout?.setEncoding('latin1').on('data', (part: string) => {
    // A control sequence may be cut in two: keep an unfinished one back.
    const whole = pending + part
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    const cut = /\u001b(\[[0-9;?=]*)?$/.exec(whole)?.index ?? whole.length
    pending = whole.slice(cut)
    text += whole.slice(0, cut).replace(CONTROL, '')
    for (let end = text.indexOf('\n', shown); end >= 0; end = text.indexOf('\n', shown)) {
      onLine?.(text.slice(shown, end))
      shown = end + 1
    }
    wake()
  })
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    problem += part
  })
  child.on('error', (error) => {
    problem += error.message
    ended = true
    wake()
  })
  child.on('close', () => {
    ended = true
    wake()
  })

  async function until<T>(what: string, timeoutMs: number, look: () => T | null): Promise<T> {
    const limit = Date.now() + timeoutMs
    for (;;) {
      const seen = look()
      if (seen !== null) return seen
      const left = limit - Date.now()
      if (ended || left <= 0) {
        const why = ended ? 'the machine ended' : `${timeoutMs / 1000} s are over`
        throw new Error(`waiting for ${what}: ${why}\n${problem}\n--- serial console ---\n${text.slice(-4000)}`)
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      await Promise.race([promise, delay(Math.min(left, 1000))])
    }
  }

  return {
    text: () => text,
    waitFor: (pattern: RegExp, timeoutMs: number) =>
      until(String(pattern), timeoutMs, () => {
        const match = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).exec(text.slice(consumed))
        if (match) consumed += match.index + match[0].length
        return match
      }),
    exited: async (timeoutMs: number) => {
      await until('power-off', timeoutMs, () => (ended ? true : null))
    },
  }
}

/** QEMU's human monitor: one connection per command, the answer is what it prints before the next prompt. */
async function askMonitor(path: string, command: string): Promise<string> {
  const socket = createConnection(path)
  socket.setEncoding('utf8')
  socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer from the monitor to ${command}`)))
  let text = ''
  try {
    await once(socket, 'connect')
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
  const socket = createConnection(path)
  try {
    await once(socket, 'connect')
    await new Promise<void>((resolve, reject) =>
      socket.write(`${command}\n`, (error) => (error ? reject(error) : resolve())),
    )
  } finally {
    socket.end()
  }
}

/** One connection per command, which is one line; the shell echoes nothing, and the last line is ours. */
async function runInShell(path: string, command: string, timeoutMs: number): Promise<{ output: string; code: number }> {
  const socket = createConnection(path)
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
    await once(socket, 'connect')
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
