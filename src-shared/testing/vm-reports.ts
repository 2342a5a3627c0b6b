// What QEMU reports of its machine over its control socket (QMP): this end listens before the machine starts, so nothing
// is missed. Bounded: one machine, one connection, one question at a time.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

/** Why a machine ended by itself; `guest-reset` and the monitor's system_reset are no end, but a start. */
const RESTARTS = new Set(['guest-reset', 'host-qmp-system-reset', 'host-reset'])

interface Message {
  readonly QMP?: unknown
  readonly return?: unknown
  readonly error?: { readonly desc: string }
  readonly event?: string
  readonly data?: { readonly reason?: string }
}

export interface Reports extends AsyncDisposable {
  /** One question. @throws when QEMU refuses it or ends */
  ask(command: string, words?: Readonly<Record<string, unknown>>): Promise<unknown>
  /** Of a machine that ended, when all that it said is heard: whether it ran at all, and asked to be restarted. */
  ended(): Promise<{ readonly ran: boolean; readonly restarts: boolean }>
  /** When the machine is halted, for instance by an error of its processor. */
  halted(): Promise<void>
  /** The machine that speaks next is another one. */
  forget(): void
}

/** Listens at `path` for a machine that is started afterwards. */
export async function listenForReports(path: string): Promise<Reports> {
  let speaker = Promise.withResolvers<Socket>()
  let answer: PromiseWithResolvers<unknown> | null = null
  let reason: string | undefined
  let ran = false
  const halted = Promise.withResolvers<void>()
  let heard: Promise<unknown> = Promise.resolve()
  const server: Server = createServer((socket) => {
    let rest = ''
    heard = new Promise((resolve) => socket.once('close', resolve))
    const hear = (message: Message): void => {
      if (message.QMP !== undefined) socket.write('{"execute":"qmp_capabilities"}\n')
      else if (message.event === 'STOP') halted.resolve()
      else if (message.event === 'RESUME') ran = true
      else if (message.event === 'SHUTDOWN') reason = message.data?.reason
      else if (message.error) answer?.reject(new Error(message.error.desc))
      else if (message.return !== undefined && answer) answer.resolve(message.return)
      // The answer to the greeting, which nobody waits for.
      else if (message.return !== undefined) speaker.resolve(socket)
    }
    socket.setEncoding('utf8').on('data', (part: string) => {
      const lines = (rest + part).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) hear(JSON.parse(line))
    })
    // A machine that is ended does not say goodbye.
    socket.on('error', (error) => answer?.reject(error))
    socket.on('close', () => answer?.reject(new Error('QEMU ended')))
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    async ask(command, words = {}) {
      const socket = await speaker.promise
      answer = Promise.withResolvers<unknown>()
      try {
        socket.write(`${JSON.stringify({ execute: command, arguments: words })}\n`)
        return await answer.promise
      } finally {
        answer = null
      }
    },
    async ended() {
      await heard
      return { ran, restarts: reason !== undefined && RESTARTS.has(reason) }
    },
    halted: () => halted.promise,
    forget() {
      speaker = Promise.withResolvers()
      reason = undefined
      ran = false
    },
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
