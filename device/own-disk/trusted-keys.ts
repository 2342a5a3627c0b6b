// Whose releases this appliance believes: the public keys in the signed system image (<etc>/keys/*.asc), restricted to
// the fingerprints in <config>/trusted-fingerprints where that file exists. The list can only take trust away.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { whyUnreadable } from '#node/os/absent.ts'
import { readBounded } from '#node/os/bounded-read.ts'
import { MAX_KEYRING_SIZE, parseTrust, type TrustedKeys } from '#trust/keyring.ts'
import { findConfigFile } from '../config-files.ts'
import type { DevicePaths } from '../ports.ts'

export const KEY_FOLDER = 'keys'
export const FINGERPRINT_FILE = 'trusted-fingerprints'

const unreadable = (file: string, reason: string, cause?: unknown) =>
  new EngineError('own.keys-unreadable', { file, reason }, { cause })

const MAX_LIST = 1_000_000

/** Null when nothing has that name: a list that cannot be read must not give back the trust that it takes. */
async function ifThere<T>(path: string, read: Promise<T>): Promise<T | null> {
  try {
    return await read
  } catch (error) {
    if (error instanceof EngineError) throw error
    const reason = await whyUnreadable(path, error)
    if (reason === null) return null
    throw unreadable(path, reason, error)
  }
}

/** @throws EngineError `own.no-trusted-keys`, `own.keys-unreadable`, `trust.keyring-*` */
export async function readTrustedKeys(paths: DevicePaths): Promise<TrustedKeys> {
  const folder = join(paths.etc, KEY_FOLDER)
  const { file: list, hidden } = await findConfigFile(paths, FINGERPRINT_FILE)
  const none = (reason: string) => new EngineError('own.no-trusted-keys', { reason, folder, list })
  const names = (await ifThere(folder, readdir(folder)))?.filter((name) => name.endsWith('.asc')).sort() ?? []
  if (names.length === 0) throw none(`${folder} holds no key (*.asc)`)
  const rings: Buffer[] = []
  for (const name of names) {
    const file = join(folder, name)
    const bytes = await ifThere(file, readBounded(file, MAX_KEYRING_SIZE))
    if (bytes) rings.push(bytes, Buffer.from('\n'))
    if (rings.reduce((sum, each) => sum + each.length, 0) > MAX_KEYRING_SIZE) throw unreadable(file, 'it is too large')
  }
  // One list: a revocation in one file counts for the copies of the key in all the others.
  const trusted = await parseTrust(Buffer.concat(rings))
  const { keys, fingerprints } = trusted
  if (hidden !== null) throw unreadable(list, hidden)
  const text = (await ifThere(list, readBounded(list, MAX_LIST)))?.toString('utf8') ?? null
  if (text === null) return trusted
  const allowed = parseFingerprints(list, text)
  const kept = keys.filter((_, index) => allowed.has(fingerprints[index]))
  if (kept.length === 0) throw none(`none of the ${keys.length} keys is listed in ${list}`)
  return { ...trusted, keys: kept, fingerprints: fingerprints.filter((each) => allowed.has(each)) }
}

/** One full fingerprint a line, in groups or not; `#` begins a remark. A line of another form stops everything. */
function parseFingerprints(file: string, text: string): ReadonlySet<string> {
  const found = new Set<string>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const value = line.replace(/#.*/, '').replace(/\s/g, '').toUpperCase()
    if (value === '') continue
    if (!/^([0-9A-F]{40}|[0-9A-F]{64})$/.test(value))
      throw unreadable(file, `line ${index + 1} is no fingerprint of 40 or 64 hexadecimal digits`)
    found.add(value)
  }
  return found
}
