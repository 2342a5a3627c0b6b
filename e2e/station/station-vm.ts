// The station guest under QEMU: starts it, runs commands in it over a virtio port, and plugs
// devices through QEMU's monitor. Every wait has a limit; disposing ends the machine.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { acceleration } from '#testing/vm-acceleration.ts'
import type { StationImage } from './image.ts'

export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

export interface RunOptions {
  readonly timeoutMs?: number
  /** Called with every whole line of standard output as it comes. */
  onLine?(line: string): void
  /** Called with all of standard output so far, whenever more has come. */
  onText?(text: string): void
}

export interface Station extends AsyncDisposable {
  /** Seconds from power-on to the first command. */
  readonly bootSeconds: number
  /** Runs one shell command as root; commands of one station run one after the other. */
  run(command: string, options?: RunOptions): Promise<Outcome>
  /** One command to QEMU's monitor (QMP); answers its `return`. */
  monitor(command: string, argumentsOf?: Readonly<Record<string, unknown>>): Promise<unknown>
  /** What the kernel printed so far. */
  console(): string
}

export interface StationOptions {
  readonly image: StationImage
  /** Folder for sockets; the caller removes it. */
  readonly folder: string
  /** QEMU arguments for the attached disks. */
  readonly devices: readonly string[]
  readonly bootTimeoutMs?: number
}

/**
 * A periodic tick (nohz, highres): on a busy host an emulated one-shot timer may get lost, and the guest then sleeps for
 * minutes. The processor's own clock (tsc) is the cheapest one to read under emulation.
 */
const KERNEL_ARGUMENTS =
  'console=ttyS0 quiet loglevel=5 panic=-1 mitigations=off random.trust_cpu=on nohz=off highres=off tsc=reliable clocksource=tsc'

const READY = '\u001eREADY\n'

async function connected(path: string, child: ChildProcess): Promise<Socket> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) break
    const socket = createConnection(path)
    const outcome = await Promise.race([
      once(socket, 'connect').then(() => 'ok'),
      once(socket, 'error').then(() => 'no'),
    ]).catch(() => 'no')
    if (outcome === 'ok') return socket
    socket.destroy()
    await delay(50)
  }
  throw new Error(`QEMU did not open ${path}`)
}

/** Starts the machine and waits for its agent. Throws with the end of the kernel's messages when it does not come up. */
export async function startStation(options: StationOptions): Promise<Station> {
  const { image, folder, devices, bootTimeoutMs = 150_000 } = options
  const portPath = join(folder, 'port')
  const monitorPath = join(folder, 'qmp')
  const started = Date.now()
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...['-machine', 'q35', '-accel', await acceleration(), '-cpu', 'qemu64', '-smp', '1', '-m', '1280'],
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-serial', 'stdio', '-no-reboot'],
      ...['-kernel', image.kernel, '-initrd', image.initrd],
      ...['-append', KERNEL_ARGUMENTS],
      ...['-qmp', `unix:${monitorPath},server=on,wait=off`],
      ...['-device', 'virtio-serial-pci', '-chardev', `socket,id=agent,path=${portPath},server=on,wait=off`],
      ...['-device', 'virtserialport,chardev=agent,name=station'],
      ...['-drive', `if=none,id=system,format=raw,readonly=on,file=${image.systemDisk}`],
      ...['-device', 'virtio-blk-pci,drive=system,serial=SYSTEM'],
      ...devices,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let printed = ''
  const keep = (part: Buffer) => {
    printed = (printed + part.toString()).slice(-200_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  try {
    const monitor = monitorOver(await connected(monitorPath, child))
    const agent = agentOver(await connected(portPath, child), () => printed)
    await monitor('qmp_capabilities')
    await agent.ready(bootTimeoutMs)
    return {
      bootSeconds: (Date.now() - started) / 1000,
      run: agent.run,
      monitor,
      console: () => printed,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function agentOver(socket: Socket, printed: () => string) {
  socket.setEncoding('utf8')
  let buffer = ''
  let wake = () => {}
  socket.on('data', (part: string) => {
    buffer += part
    wake()
  })
  socket.on('error', () => wake())
  let nextId = 1
  /** The command whose answer never came; nothing after it can be told apart from it. */
  let silent = ''
  let queue: Promise<unknown> = Promise.resolve()

  /** Waits until `done` answers something for what has come in. */
  async function until<T>(timeoutMs: number, what: string, done: () => T | null): Promise<T> {
    const limit = Date.now() + timeoutMs
    for (;;) {
      const answer = done()
      if (answer !== null) return answer
      const left = limit - Date.now()
      if (left <= 0 || socket.destroyed) {
        silent = what
        throw new Error(`the station did not answer: ${what}\n${buffer.slice(-2000)}\n${printed().slice(-3000)}`)
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      await Promise.race([promise, delay(Math.min(left, 1000))])
    }
  }

  async function perform(command: string, { timeoutMs = 60_000, onLine, onText }: RunOptions): Promise<Outcome> {
    if (silent) throw new Error(`the station stopped answering during: ${silent}`)
    const id = nextId++
    buffer = ''
    let seen = 0
    socket.write(`${id} ${Buffer.from(command).toString('base64')}\n`)
    return until(timeoutMs, command, () => {
      const mark = buffer.indexOf(`\u001eEND ${id} `)
      const stdout = mark < 0 ? buffer : buffer.slice(0, mark)
      for (let end = stdout.indexOf('\n', seen); end >= 0; end = stdout.indexOf('\n', seen)) {
        onLine?.(stdout.slice(seen, end))
        seen = end + 1
      }
      onText?.(stdout)
      const end = mark < 0 ? -1 : buffer.indexOf('\n', mark)
      if (end < 0) return null
      const [, , code, stderr = ''] = buffer.slice(mark, end).split(' ')
      return { stdout, code: Number(code), stderr: Buffer.from(stderr, 'base64').toString() }
    })
  }

  return {
    ready: (timeoutMs: number) => until(timeoutMs, 'start', () => (buffer.includes(READY) ? true : null)),
    run(command: string, options: RunOptions = {}): Promise<Outcome> {
      const mine = queue.then(() => perform(command, options))
      queue = mine.catch(() => {})
      return mine
    },
  }
}

interface MonitorAnswer {
  readonly id?: number
  readonly return?: unknown
  readonly error?: { readonly desc: string }
}

function monitorOver(socket: Socket) {
  socket.setEncoding('utf8')
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let rest = ''
  let nextId = 1
  socket.on('data', (part: string) => {
    const rows = (rest + part).split('\n')
    rest = rows.pop() ?? ''
    for (const row of rows) {
      const answer: MonitorAnswer = JSON.parse(row)
      const asked = answer.id === undefined ? undefined : waiting.get(answer.id)
      if (!asked || answer.id === undefined) continue
      waiting.delete(answer.id)
      if (answer.error) asked.reject(new Error(`monitor: ${answer.error.desc}`))
      else asked.resolve(answer.return)
    }
  })
  socket.on('close', () => {
    for (const asked of waiting.values()) asked.reject(new Error('QEMU ended'))
  })
  return (command: string, argumentsOf: Readonly<Record<string, unknown>> = {}): Promise<unknown> => {
    const id = nextId++
    const asked = Promise.withResolvers<unknown>()
    waiting.set(id, asked)
    socket.write(`${JSON.stringify({ execute: command, arguments: argumentsOf, id })}\n`)
    return asked.promise
  }
}
