// The station's trust list as the console shows and changes it. A secret key is never taken in; copies of a key are one, and a
// revocation is for ever: it stays when an older copy comes later, and when the key is taken away.
import { utf8 } from '#base/bytes.ts'
import { EngineError, isEngineError } from '#base/errors.ts'
import type { KeyView } from '#contract/views.ts'
import { toIsoTime } from '#model/iso-time.ts'
import { readTextFile, writeFileAtomic } from '#node/os/state-file.ts'
import { checkSigningKey, describeAlgorithm } from '#trust/key-check.ts'
import {
  armorRing,
  fingerprintOf,
  type KeyRing,
  MAX_KEYRING_SIZE,
  mergeRings,
  NO_RING,
  readablePart,
  readKeyRing,
  shownKeys,
  type TrustedKeys,
  trustOf,
  withoutKey,
} from '#trust/keyring.ts'
import type { Calls, Host, Trust } from '../ports.ts'

type TrustCalls = Calls<'trust.import' | 'trust.remove'>
type Key = TrustedKeys['keys'][number]

export interface TrustList extends Trust {
  readonly calls: TrustCalls
  view(): Promise<readonly KeyView[]>
  /** Names by full fingerprint, for slots and images. */
  names(): Promise<ReadonlyMap<string, string>>
}

/** `changed` is told after each change: images are judged anew. */
export function openTrustList(host: Host, changed: () => void): TrustList {
  const load = async (): Promise<KeyRing> => {
    const text = await readTextFile(host.paths.trust, MAX_KEYRING_SIZE)
    return text === null ? NO_RING : readKeyRing(utf8(text))
  }
  const viewOf = async (ring: KeyRing): Promise<readonly KeyView[]> => {
    const { keys, revoked } = await shownKeys(ring)
    const now = host.clock.now()
    return await Promise.all(keys.map((key) => keyView(key, now, revoked)))
  }
  const save = async (ring: KeyRing): Promise<readonly KeyView[]> => {
    await writeFileAtomic(host.paths.trust, armorRing(ring), { mode: 0o644 })
    const view = await viewOf(ring)
    host.tell({ type: 'keys', keys: view })
    changed()
    return view
  }
  // One change after the other: each starts from what the last one kept, so that none loses a revocation.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const mine = last.then(change)
    last = mine.catch(() => {
      // Whoever asked for the change gets its error; the next one starts all the same.
    })
    return mine
  }
  const take = async (armored: string): Promise<readonly KeyView[]> => {
    const given = readKeyRing(utf8(armored))
    const added = await readablePart(given)
    const { unreadable } = await trustOf(given)
    const count = added.certificates.length
    const problem = unreadable.join('; ')
    if (count + added.loose.length === 0)
      throw problem === ''
        ? new EngineError('trust.keyring-empty')
        : new EngineError('trust.keyring-malformed', { problem })
    const view = await save(mergeRings([await load(), added]))
    if (problem !== '') throw new EngineError('trust.keyring-partly', { count, problem })
    return view
  }
  const remove = async (fingerprint: string): Promise<readonly KeyView[]> => {
    const ring = await load()
    const { fingerprints } = await shownKeys(ring)
    if (!fingerprints.includes(fingerprint)) throw new EngineError('host.unknown-token', { what: 'key' })
    return await save(await withoutKey(ring, fingerprint))
  }
  return {
    keys: async () => await trustOf(await load()),
    view: async () => await viewOf(await load()),
    async names() {
      const views = await viewOf(await load())
      return new Map(views.map(({ fingerprint, name }) => [fingerprint, name]))
    },
    calls: {
      'trust.import': ({ armored }) => inTurn(() => take(armored)),
      'trust.remove': ({ fingerprint }) => inTurn(() => remove(fingerprint)),
    },
  }
}

async function keyView(key: Key, now: Date, revoked: ReadonlySet<string>): Promise<KeyView> {
  const user = await key.getPrimaryUser(now).catch(() => null)
  const base = {
    fingerprint: fingerprintOf(key),
    name: user?.user.userID?.userID ?? key.users[0]?.userID?.userID ?? '',
    algorithm: describeAlgorithm(key.getAlgorithmInfo()).name,
    created: toIsoTime(key.getCreationTime()),
  }
  const expires = await key.getExpirationTime().catch(() => null)
  const ends = expires instanceof Date ? toIsoTime(expires) : null
  return { ...base, expires: ends, state: await stateOf(key, now, revoked) }
}

/** Judged by the rule that judges signatures: with the key or subkey that would sign today. */
async function stateOf(key: Key, now: Date, revoked: ReadonlySet<string>): Promise<KeyView['state']> {
  const candidates = [key, ...key.subkeys]
  let state: KeyView['state'] = 'weak'
  for (const candidate of candidates) {
    try {
      await checkSigningKey(key, candidate, now, now, revoked)
      return 'usable'
    } catch (error) {
      if (isEngineError(error, 'trust.key-revoked')) return 'revoked'
      if (isEngineError(error, 'trust.key-expired')) state = 'expired'
      else if (!isEngineError(error)) throw error
    }
  }
  return state
}
