// A release that stays on its server: the manifest is authenticated as always, and the blocks are fetched when they are
// written, each checked before a byte of it is (docs/adr/0014). Nothing is stored on the way.
import { EngineError } from '#base/errors.ts'
import { BUNDLE_HEAD_SIZE, isBundle } from '#format/bundle.ts'
import type { TrustedKeys } from '#trust/keyring.ts'
import { readRange } from '../os/file-source.ts'
import { type AuthenticatedRelease, openBundle } from './open-release.ts'
import { openHttpSource, type RemoteOptions } from './remote-source.ts'

export interface RemoteReleaseOptions extends RemoteOptions {
  readonly now: Date
}

/**
 * Opens and authenticates a bundle on a server. Its images are checked block by block when they are used.
 * @throws EngineError `download.*` (`.not-a-bundle`: only bundles can be used this way), `release.truncated`, `release.empty`,
 * `format.*`, `trust.*`, `job.cancelled`
 */
export async function openRemoteRelease(
  url: string,
  trusted: TrustedKeys,
  options: RemoteReleaseOptions,
): Promise<AuthenticatedRelease> {
  const source = await openHttpSource(url, options)
  try {
    const head = await readRange(source, 0, Math.min(BUNDLE_HEAD_SIZE, source.size))
    if (!isBundle(head)) {
      const found = JSON.stringify(String.fromCharCode(...head.subarray(0, 8)).replace(/[^ -~]/g, '.'))
      throw new EngineError('download.not-a-bundle', { url: source.name, found })
    }
    return await openBundle(source.name, source, trusted, { now: options.now })
  } catch (error) {
    await source[Symbol.asyncDispose]()
    throw error
  }
}
