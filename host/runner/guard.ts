// What protects writes, changed: the keys that elevated runners trust, and the serials that no runner writes. A program of its
// own, so that a system that lets somebody write disks without a password (a recovery stick) need not let them change this.
// One word, the new list by standard input; it replaces the old one, except that a revoked key stays revoked.
import { fromUtf8, utf8 } from '#base/bytes.ts'
import { EngineError, exitAfter, explain, isEngineError } from '#base/errors.ts'
import { scrubEnvironment } from '#node/os/clean-environment.ts'
import { steadyStreams } from '#node/terminal/steady-stream.ts'
import {
  armorRing,
  type KeyRing,
  MAX_KEYRING_SIZE,
  mergeRings,
  NO_RING,
  parseTrust,
  readKeyRing,
  shownKeys,
  trustOf,
  withoutKey,
} from '#trust/keyring.ts'
import { neverTouchOf } from './authority.ts'
import { OWN_PLACES, readOwn, writeOwn } from './own-places.ts'

const refused = (problem: string): EngineError => new EngineError('runner.guard', { problem })

async function input(limit: number): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of process.stdin as AsyncIterable<Buffer>) {
    length += part.length
    if (length > limit) throw refused(`the list is longer than ${limit} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/**
 * The new list in place of the old one. Of a key that is revoked the revocation stays, whether the key was left out or an older
 * copy of it comes along. @throws EngineError `trust.keyring-*`
 */
async function replaceTrust(bytes: Uint8Array): Promise<KeyRing> {
  const { fingerprints, unreadable } = await parseTrust(bytes)
  if (unreadable.length > 0) throw new EngineError('trust.keyring-malformed', { problem: unreadable.join('; ') })
  const known = await readOwn(OWN_PLACES.trust, MAX_KEYRING_SIZE)
  let old = known === null ? NO_RING : readKeyRing(known)
  for (const fingerprint of (await trustOf(old)).fingerprints)
    if (!fingerprints.includes(fingerprint)) old = await withoutKey(old, fingerprint)
  return mergeRings([old, readKeyRing(bytes)])
}

async function change(words: readonly string[]): Promise<string> {
  if (process.geteuid?.() !== 0) throw refused('this program does not run as root')
  switch (words.length === 1 ? words[0] : '') {
    case 'trust': {
      const ring = await replaceTrust(await input(MAX_KEYRING_SIZE))
      await writeOwn(OWN_PLACES.trust, utf8(armorRing(ring)))
      return `${OWN_PLACES.trust}: ${(await shownKeys(ring)).fingerprints.join(', ')}`
    }
    case 'never-touch': {
      const bytes = await input(64 * 1024)
      if (fromUtf8(bytes) === null) throw refused('the list is no text')
      const serials = neverTouchOf(bytes)
      await writeOwn(OWN_PLACES.neverTouch, utf8(serials.map((serial) => `${serial}\n`).join('')))
      return `${OWN_PLACES.neverTouch}: ${serials.length} serial numbers`
    }
    default:
      throw refused(`"${words.join(' ').slice(0, 80)}" is not what it takes`)
  }
}

scrubEnvironment(process.env, { forAnother: true })
process.umask(0o022)
const { stdout, stderr } = steadyStreams()
try {
  stdout.write(`${await change(process.argv.slice(2))}\n`)
} catch (error) {
  if (!isEngineError(error)) throw error
  const { message, remedy } = explain(error)
  stderr.write(`twinslot-guard: ${message} (${error.code})\n${remedy}\n`)
  process.exitCode = exitAfter(error.code, false)
}
