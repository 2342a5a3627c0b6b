// Keeps two Twinslot processes from changing the same thing. On Linux a lock is the kernel's own (flock) on an open file that
// nobody but its owner can open: no other user can hold it, none is left behind by a process that was killed, and a process
// number that was given anew means nothing. Elsewhere it is a listening local socket.
import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { readBoundedText } from './bounded-read.ts'
import { errnoOf } from './os-errors.ts'
import { requireTool, runTool } from './run-tool.ts'

/** A lock tells that somebody holds it: not who, and not what they do (whoever may read an image can lock it, too). */
const busy = (path: string, cause?: unknown): EngineError =>
  new EngineError('disk.busy', { disk: path, reason: 'another program has locked it' }, { cause })

/** flock(1) tells by it that somebody else has the lock. */
const HELD = 75
const LIMIT = { timeoutMs: 30_000 }

/**
 * Locks what is open, until it is closed; `shared` keeps out only whoever wants it for himself. The lock belongs to the descriptor, which the program shares only to take it.
 * Where the kernel has none, nothing is done. @throws EngineError `disk.busy`, `tool.*`
 */
export async function lockHandle(
  handle: FileHandle,
  path: string,
  how: 'exclusive' | 'shared' = 'exclusive',
): Promise<void> {
  if (process.platform !== 'linux') return
  const args = [`--${how}`, '--nonblock', '--conflict-exit-code', String(HELD), '3']
  const { code } = await runTool('flock', args, { ...LIMIT, files: [handle.fd] })
  if (code === HELD) throw busy(path)
  if (code !== 0) await requireTool('flock', args, { ...LIMIT, files: [handle.fd] })
}

/**
 * Locks a folder by a file in it that only its owner and root can open: the folder itself may be open to readers, who could
 * hold a lock on it as well.
 * @throws EngineError `disk.busy` about it
 */
export async function lockFolder(folder: string, key: string): Promise<AsyncDisposable> {
  if (process.platform !== 'linux') return await lockBySocket(folder, key)
  return await holding(await openLock(join(folder, '.lock')), folder)
}

const openLock = (file: string): Promise<FileHandle> =>
  open(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)

async function holding(handle: FileHandle, path: string): Promise<AsyncDisposable> {
  try {
    await lockHandle(handle, path)
  } catch (error) {
    await handle.close()
    throw error
  }
  return { [Symbol.asyncDispose]: () => handle.close() }
}

/**
 * Takes the lock of `key`, or throws `disk.busy` about `path`. Dispose to give it back. `holder`: what lockHolder tells of us
 * meanwhile.
 */
export async function lockPath(path: string, key: string, holder = ''): Promise<AsyncDisposable> {
  if (process.platform !== 'linux') return await lockBySocket(path, key)
  const handle = await openLock(await lockFile(key))
  const held = await holding(handle, path)
  if (holder !== '') {
    await handle.truncate(0)
    await handle.write(holder.slice(0, HOLDER_LIMIT), 0)
  }
  return held
}

const HOLDER_LIMIT = 200
const lockFile = async (key: string): Promise<string> => join(await ownLocks(), `${key}.lock`)

/** Who said so when it took the lock of `key`; null when nobody did. Only asked of a lock that somebody has. */
export async function lockHolder(key: string): Promise<string | null> {
  if (process.platform !== 'linux') return null
  const text = await readBoundedText(await lockFile(key), HOLDER_LIMIT).catch(() => '') // it has gone meanwhile
  return text === '' ? null : text
}

/**
 * A folder that only this user can open: below /run for root and for users with a session, else below /tmp.
 * @throws EngineError `disk.lock-unsafe` when somebody else made it
 */
async function ownLocks(): Promise<string> {
  const uid = process.geteuid?.() ?? 0
  const session = `/run/user/${uid}`
  const home = uid === 0 ? '/run' : (await isOwn(session, uid)) ? session : '/tmp'
  const folder = join(home, home === '/tmp' ? `twinslot-locks-${uid}` : 'twinslot-locks')
  await mkdir(folder, { mode: 0o700 }).catch(() => {
    // It is there already, or cannot be made: what is there is looked at in any case.
  })
  if (await isOwn(folder, uid)) return folder
  throw new EngineError('disk.lock-unsafe', { folder, uid })
}

async function isOwn(folder: string, uid: number): Promise<boolean> {
  const found = await lstat(folder).catch(() => null)
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0
}

/** Windows: named pipe. Others: a socket file, left-overs of which are recognised. */
const addressOf = (key: string): string =>
  process.platform === 'win32' ? `\\\\.\\pipe\\twinslot-${key}` : join(tmpdir(), `twinslot-${key}.lock`)

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

async function lockBySocket(path: string, key: string): Promise<AsyncDisposable> {
  const address = addressOf(key)
  for (let attempt = 0; ; attempt++) {
    try {
      const server = await listen(address)
      return { [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) }
    } catch (error) {
      if (errnoOf(error) !== 'EADDRINUSE') throw error
      const stale = process.platform !== 'win32' && !(await answers(address))
      if (!stale || attempt > 0) throw busy(path, error)
      await unlink(address)
    }
  }
}
