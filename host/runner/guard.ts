// What protects writes, changed: the keys that elevated runners trust, and the serials that no runner writes. A program of its
// own, so that a system that lets somebody write disks without a password (a recovery stick) need not let them change this.
// One word, the new list by standard input; it replaces the old one, except that a revoked key stays revoked.
import { fromUtf8, utf8 } from '../../src-shared/base/bytes.ts'
import { EngineError, exitCodeOf, explain, isEngineError } from '../../src-shared/base/errors.ts'
import { scrubEnvironment } from '../../src-shared/node/clean-environment.ts'
import { fingerprintOf, MAX_KEYRING_SIZE, parseTrust, type TrustedKeys } from '../../src-shared/trust/keyring.ts'
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

/** A key that the old list knows as revoked is not believed again because it was left out, or an older copy of it comes along. */
async function keepRevocations(fresh: TrustedKeys): Promise<string> {
  const bytes = await readOwn(OWN_PLACES.trust, MAX_KEYRING_SIZE)
  const old = bytes === null ? null : await parseTrust(bytes)
  const merged = await Promise.all(
    fresh.keys.map(async (key) => {
      const known = old?.keys.find((each) => fingerprintOf(each) === fingerprintOf(key))
      return known ? await key.update(known) : key
    }),
  )
  const revoked = await Promise.all(
    (old?.keys ?? []).map(async (key) =>
      !fresh.fingerprints.includes(fingerprintOf(key)) && (await key.isRevoked()) ? [key] : [],
    ),
  )
  return [...merged, ...revoked.flat()].map((key) => key.armor()).join('')
}

async function change(words: readonly string[]): Promise<string> {
  if (process.geteuid?.() !== 0) throw refused('this program does not run as root')
  switch (words.length === 1 ? words[0] : '') {
    case 'trust': {
      const fresh = await parseTrust(await input(MAX_KEYRING_SIZE))
      await writeOwn(OWN_PLACES.trust, utf8(await keepRevocations(fresh)))
      return `${OWN_PLACES.trust}: ${fresh.fingerprints.join(', ')}`
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
try {
  process.stdout.write(`${await change(process.argv.slice(2))}\n`)
} catch (error) {
  if (!isEngineError(error)) throw error
  const { message, remedy } = explain(error)
  process.stderr.write(`twinslot-guard: ${message}\n${remedy}\n`)
  process.exitCode = exitCodeOf(error.code)
}
