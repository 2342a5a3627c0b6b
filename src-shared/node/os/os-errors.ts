// Errors of the operating system in the words of the catalogue: nothing above node/ ever sees an EBUSY. What an error
// proves is told; what it does not prove (a worn disk, a lost one) is not guessed.
import { getSystemErrorMap } from 'node:util'
import { EngineError, type Finding, finding } from '#base/errors.ts'

export const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error'

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  ESPIPE: 'it is a pipe or a device',
  EFBIG: 'it is too large',
  EEXIST: 'it exists already',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system can only be read',
  ENOSPC: 'no space left',
  EDQUOT: 'the quota is used up',
  ELOOP: 'it is a link that is not followed here, or its links lead round in a circle',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'an input/output error',
  EMFILE: 'this program has too many files open',
  ENFILE: 'the system has too many files open',
  ENOMEM: 'there is not enough memory',
  EPIPE: 'nobody reads it any more',
}

/** The system's own words for every other code it has. */
const SYSTEM_WORDS: ReadonlyMap<string, string> = new Map(getSystemErrorMap().values())

function wordsFor(code: string): string {
  const words = WORDS[code] ?? SYSTEM_WORDS.get(code)
  return words === undefined || code === 'UNKNOWN' ? code : `${words} (${code})`
}

/** Why the system refused, in words for people and with its own code behind them. */
export const reasonOf = (error: unknown): string => wordsFor(errnoOf(error))

/** An error of the system that no one expected, told as what it is; null when it is a fault of ours. */
export function systemFinding(error: unknown): Finding | null {
  if (!(error instanceof Error) || !('syscall' in error) || typeof error.syscall !== 'string') return null
  const path = 'path' in error && typeof error.path === 'string' ? ` of ${error.path}` : ''
  // `info`: how Node wraps what libuv said (user and host names).
  const inner = 'info' in error && error.info instanceof Object && 'code' in error.info ? String(error.info.code) : null
  const what = error.syscall === 'uv_cwd' ? 'the working directory' : `"${error.syscall}"${path}`
  return finding('cli.system-refused', { what, reason: inner === null ? reasonOf(error) : wordsFor(inner) })
}

/** Codes by which the kernel tells of the medium itself (block/blk-core.c); any other says nothing about it. */
const OF_THE_MEDIUM: ReadonlySet<string> = new Set([
  ...['EIO', 'EREMOTEIO', 'ENODATA', 'EILSEQ', 'ENOLINK', 'ETIMEDOUT', 'EBADE', 'EBADMSG', 'EUCLEAN'],
])

/**
 * Whether what lies on device number `dev` is on a medium that the kernel tells of: file systems that keep no disk of their own (/proc,
 * memory, network) have major number 0, and their EIO means something else.
 */
export const hasMedium = (dev: number | bigint): boolean =>
  process.platform !== 'linux' || ((BigInt(dev) >> 8n) & 0xfffn) !== 0n || BigInt(dev) >> 32n !== 0n

/** What opening `path` failed with: `disk.not-found`, `.is-directory`, `.busy`, `.no-permission`, `.read-only`, `.lost`, `.system-refused`. */
export function openFailure(path: string, error: unknown, onMedium = true): EngineError {
  const reason = errnoOf(error)
  const cause = { cause: error }
  switch (reason) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new EngineError('disk.not-found', { disk: path }, cause)
    case 'EISDIR':
      return new EngineError('disk.is-directory', { disk: path }, cause)
    case 'EBUSY':
      return new EngineError('disk.busy', { disk: path, reason: 'it is mounted or another program holds it' }, cause)
    case 'ETXTBSY':
      return new EngineError('disk.busy', { disk: path, reason: 'the system is using it' }, cause)
    case 'EACCES':
    case 'EPERM':
      return new EngineError('disk.no-permission', { disk: path, operation: 'open', reason }, cause)
    case 'EROFS':
      return new EngineError('disk.read-only', { disk: path, reason }, cause)
    case 'ENXIO':
    case 'ENODEV':
    case 'ENOMEDIUM':
      return new EngineError('disk.lost', { disk: path, operation: 'opening', offset: 0, reason }, cause)
    default: {
      if (onMedium && OF_THE_MEDIUM.has(reason))
        return new EngineError('disk.read-failed', { disk: path, offset: 0, reason: `opening: ${reason}` }, cause)
      return new EngineError('disk.system-refused', { disk: path, what: 'opening', reason: reasonOf(error) }, cause)
    }
  }
}

export type Operation = 'reading' | 'writing' | 'flushing'

/**
 * What an operation on an open disk failed with. `isGone` is asked only when the error alone does not tell (EIO comes
 * from a worn-out sector as well as from a pulled plug).
 */
export async function ioFailure(
  path: string,
  operation: Operation,
  offset: number,
  error: unknown,
  isGone: () => Promise<boolean>,
  onMedium = true,
): Promise<EngineError> {
  if (error instanceof EngineError) return error
  const reason = errnoOf(error)
  const cause = { cause: error }
  const lost = () => new EngineError('disk.lost', { disk: path, operation, offset, reason }, cause)
  if (['ENXIO', 'ENODEV', 'ENOMEDIUM', 'ESHUTDOWN'].includes(reason)) return lost()
  if (reason === 'ENOSPC' || reason === 'EDQUOT' || reason === 'EFBIG') {
    if (await isGone()) return lost()
    return new EngineError('disk.full', { disk: path, offset }, cause)
  }
  if (reason === 'EROFS') return new EngineError('disk.read-only', { disk: path, reason }, cause)
  if (reason === 'EACCES' || reason === 'EPERM') {
    const what = operation === 'reading' ? 'read' : 'write'
    return new EngineError('disk.no-permission', { disk: path, operation: what, reason }, cause)
  }
  if (await isGone()) return lost()
  // What is no code of the system came from our own reading (a file that became shorter).
  if (/^E[A-Z0-9_]+$/.test(reason) && !(onMedium && OF_THE_MEDIUM.has(reason)))
    return new EngineError(
      'disk.system-refused',
      { disk: path, what: `${operation} at byte ${offset}`, reason: reasonOf(error) },
      cause,
    )
  const code = operation === 'reading' ? 'disk.read-failed' : 'disk.write-failed'
  return new EngineError(code, { disk: path, offset, reason }, cause)
}
