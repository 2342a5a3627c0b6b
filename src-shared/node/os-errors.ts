// Errors of the operating system in the words of the catalogue: nothing above node/ ever sees an EBUSY.
import { EngineError } from '../base/errors.ts'

export const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error'

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  EEXIST: 'it exists already',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system can only be read',
  ENOSPC: 'no space left',
  EDQUOT: 'the quota is used up',
  ELOOP: 'too many links',
  ENAMETOOLONG: 'the name is too long',
}

/** Why the system refused, in words for people and with its own code behind them. */
export function reasonOf(error: unknown): string {
  const code = errnoOf(error)
  return WORDS[code] ? `${WORDS[code]} (${code})` : code
}

/** What opening `path` failed with: `disk.not-found`, `.is-directory`, `.busy`, `.no-permission`, `.read-only`, `.lost`. */
export function openFailure(path: string, error: unknown): EngineError {
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
    default:
      return new EngineError('disk.read-failed', { disk: path, offset: 0, reason: `opening: ${reason}` }, cause)
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
  const code = operation === 'reading' ? 'disk.read-failed' : 'disk.write-failed'
  return new EngineError(code, { disk: path, offset, reason }, cause)
}
