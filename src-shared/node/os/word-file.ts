// Small files that somebody named: read whole, with a limit, and with one error for every reason why that fails.
import { EngineError, isEngineError } from '#base/errors.ts'
import { MAX_KEYRING_SIZE, parseTrust, type TrustedKeys } from '#trust/keyring.ts'
import { readSmallFile } from './file-source.ts'
import { reasonOf } from './os-errors.ts'

const unreadable = (file: string, cause: unknown) =>
  new EngineError('cli.file-unreadable', { file, reason: reasonOf(cause) }, { cause })

/** A small file. @throws EngineError `cli.file-unreadable` */
export async function readWordFile(file: string, limit: number): Promise<Uint8Array> {
  try {
    const bytes = await readSmallFile(file, limit)
    if (bytes) return bytes
  } catch (error) {
    if (isEngineError(error, 'release.bad-path'))
      throw new EngineError('cli.file-unreadable', { file, reason: String(error.details.reason) }, { cause: error })
    if (isEngineError(error, 'release.not-a-file'))
      throw new EngineError('cli.file-unreadable', { file, reason: `it is ${error.details.found}` }, { cause: error })
    throw isEngineError(error) ? error : unreadable(file, error)
  }
  throw new EngineError('cli.file-unreadable', { file, reason: 'it does not exist' })
}

/** A trust list. @throws EngineError `trust.keyring-*`, `cli.file-unreadable` */
export const readTrustFile = async (file: string): Promise<TrustedKeys> =>
  await parseTrust(await readWordFile(file, MAX_KEYRING_SIZE))
