// The station's trust list as the console shows and changes it. A secret key is never taken in; the same key twice is one.
import { EngineError, isEngineError } from '../../src-shared/base/errors.ts'
import type { KeyView } from '../../src-shared/contract/views.ts'
import { toIsoTime } from '../../src-shared/model/iso-time.ts'
import { readTextFile, writeFileAtomic } from '../../src-shared/node/state-file.ts'
import { checkSigningKey, describeAlgorithm } from '../../src-shared/trust/key-check.ts'
import { fingerprintOf, parseTrust, type TrustedKeys } from '../../src-shared/trust/keyring.ts'
import type { Calls, Host, Trust } from '../ports.ts'

type TrustCalls = Calls<'trust.import' | 'trust.remove'>
type Key = TrustedKeys['keys'][number]

const NO_KEYS: TrustedKeys = { keys: [], fingerprints: [] }

export interface TrustList extends Trust {
  readonly calls: TrustCalls
  view(): Promise<readonly KeyView[]>
  /** Names by full fingerprint, for slots and images. */
  names(): Promise<ReadonlyMap<string, string>>
}

/** `changed` is told after each change: images are judged anew. */
export function openTrustList(host: Host, changed: () => void): TrustList {
  const load = async (): Promise<TrustedKeys> => {
    const text = await readTextFile(host.paths.trust)
    return text === null || text.trim() === '' ? NO_KEYS : await parseTrust(new TextEncoder().encode(text))
  }
  const viewOf = async (keys: TrustedKeys): Promise<readonly KeyView[]> =>
    await Promise.all(keys.keys.map((key) => keyView(key, host.clock.now())))
  const save = async (keys: readonly Key[]): Promise<readonly KeyView[]> => {
    await writeFileAtomic(host.paths.trust, keys.map((key) => key.armor()).join(''), { mode: 0o644 })
    const view = await viewOf({ keys, fingerprints: keys.map(fingerprintOf) })
    host.tell({ type: 'keys', keys: view })
    changed()
    return view
  }
  return {
    keys: load,
    view: async () => await viewOf(await load()),
    async names() {
      const views = await viewOf(await load())
      return new Map(views.map(({ fingerprint, name }) => [fingerprint, name]))
    },
    calls: {
      'trust.import': async ({ armored }) => {
        const added = await parseTrust(new TextEncoder().encode(armored))
        const { keys } = await load()
        const kept = keys.filter((key) => !added.fingerprints.includes(fingerprintOf(key)))
        return await save([...kept, ...added.keys])
      },
      'trust.remove': async ({ fingerprint }) => {
        const { keys, fingerprints } = await load()
        if (!fingerprints.includes(fingerprint)) throw new EngineError('host.unknown-token', { what: 'key' })
        return await save(keys.filter((key) => fingerprintOf(key) !== fingerprint))
      },
    },
  }
}

async function keyView(key: Key, now: Date): Promise<KeyView> {
  const user = await key.getPrimaryUser(now).catch(() => null)
  const base = {
    fingerprint: fingerprintOf(key),
    name: user?.user.userID?.userID ?? key.users[0]?.userID?.userID ?? '',
    algorithm: describeAlgorithm(key.getAlgorithmInfo()).name,
    created: toIsoTime(key.getCreationTime()),
  }
  const expires = await key.getExpirationTime().catch(() => null)
  const ends = expires instanceof Date ? toIsoTime(expires) : null
  return { ...base, expires: ends, state: await stateOf(key, now) }
}

/** Judged by the rule that judges signatures: with the key or subkey that would sign today. */
async function stateOf(key: Key, now: Date): Promise<KeyView['state']> {
  const candidates = [key, ...key.subkeys]
  let state: KeyView['state'] = 'weak'
  for (const candidate of candidates) {
    try {
      await checkSigningKey(key, candidate, now, now)
      return 'usable'
    } catch (error) {
      if (isEngineError(error, 'trust.key-revoked')) return 'revoked'
      if (isEngineError(error, 'trust.key-expired')) state = 'expired'
      else if (!isEngineError(error)) throw error
    }
  }
  return state
}
