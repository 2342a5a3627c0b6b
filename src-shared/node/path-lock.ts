// Keeps two Twinslot processes from writing one image file. The lock is a listening local socket named after the file's
// device and inode: the system takes it back when the process ends, however it ends, so nothing stale can stay behind.
import { unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineError } from '../base/errors.ts'
import { errnoOf } from './os-errors.ts'

/** Linux: abstract name, no file. Windows: named pipe. Others: a socket file, left-overs of which are recognised. */
const addressOf = (key: string): string => {
  if (process.platform === 'linux') return `\0twinslot-${key}`
  if (process.platform === 'win32') return `\\\\.\\pipe\\twinslot-${key}`
  return join(tmpdir(), `twinslot-${key}.lock`)
}

function listen(address: string): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>()
  const server = createServer((socket) => socket.destroy())
  server.once('error', reject)
  server.listen({ path: address, exclusive: true }, () => resolve(server))
  server.unref()
  return promise
}

function answers(address: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(address)
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}

/** Takes the lock of `key` (a file's `device-inode`), or throws `disk.busy`. Dispose to give it back. */
export async function lockPath(path: string, key: string): Promise<AsyncDisposable> {
  const address = addressOf(key)
  for (let attempt = 0; ; attempt++) {
    try {
      const server = await listen(address)
      return { [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) }
    } catch (error) {
      if (errnoOf(error) !== 'EADDRINUSE') throw error
      const stale = process.platform !== 'linux' && process.platform !== 'win32' && !(await answers(address))
      if (!stale || attempt > 0) {
        throw new EngineError('disk.busy', { disk: path, reason: 'another twinslot is writing it' }, { cause: error })
      }
      await unlink(address)
    }
  }
}
