// The way of the specification's triple onto the appliance: X.img (or X.iso), X.img.sha256 and X.img.asc, as
// `<state>/update/downloads/<version>.img` and so on. The small files come first, so that what is missing is known before
// gigabytes are fetched. What is believed of them is the signature's matter (writeStandby), not ours.
import { rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import type { RetryPolicy } from '#engine/download/attempts.ts'
import type { Fetcher } from '#engine/download/ports.ts'
import { formatSha256sum, MAX_SHA256SUM_SIZE, sha256For } from '#format/sha256sum.ts'
import type { UpdateOffer } from '#model/update.ts'
import { downloadFile } from '#node/http/download-file.ts'
import { readBounded } from '#node/os/bounded-read.ts'
import { reasonOf } from '#node/os/os-errors.ts'
import type { Downloads } from './cycle-types.ts'

export interface FetchOptions {
  /** `<state>/update/downloads`; nothing else lives there. */
  readonly folder: string
  /** Made for each fetch: hosts and certificate authorities come from the settings. */
  fetcher(): Promise<Fetcher>
  readonly retry?: RetryPolicy
  progress(doneBytes: number, totalBytes: number | null): void
}

/** As much as any checksum file or armored signature needs. */
const SMALL = MAX_SHA256SUM_SIZE

export const downloadsFolder = (state: string): string => join(state, 'update', 'downloads')

export function tripleDownloads(options: FetchOptions): Downloads {
  const { folder, retry } = options
  return {
    async fetch(offer: UpdateOffer, signal: AbortSignal): Promise<string> {
      const url = new URL(offer.url)
      const remoteName = nameIn(url)
      const path = join(folder, `${offer.version}${remoteName.slice(remoteName.lastIndexOf('.')).toLowerCase()}`)
      const fetcher = await options.fetcher()
      const small = { sizeBytes: null, sha256: null, maxBytes: SMALL, fetcher, retry, signal }
      await downloadFile({ ...small, url: beside(url, '.asc'), path: `${path}.asc` })
      await downloadFile({ ...small, url: beside(url, '.sha256'), path: `${path}.sha256` })
      const sha256 = await renameInChecksum(`${path}.sha256`, remoteName, basename(path))
      if (offer.sha256 !== null && offer.sha256.toLowerCase() !== sha256)
        throw new EngineError('release.checksum-mismatch', { name: remoteName, expected: offer.sha256, found: sha256 })
      const { sizeBytes } = offer
      const onProgress = options.progress
      await downloadFile({ url: offer.url, path, sizeBytes, sha256, fetcher, retry, signal, onProgress })
      return path
    },
    async discard() {
      try {
        await rm(folder, { recursive: true, force: true })
      } catch (cause) {
        throw new EngineError('download.file-failed', { path: folder, reason: reasonOf(cause) }, { cause })
      }
    },
  }
}

/** As the checksum file has it. */
function nameIn({ pathname }: URL): string {
  const name = basename(pathname)
  try {
    return decodeURIComponent(name)
  } catch {
    // Stray percent signs belong to the name.
    return name
  }
}

function beside(url: URL, ending: string): string {
  const other = new URL(url)
  other.pathname += ending
  return other.href
}

/** The checksum file names the image as its maker did; here the file has the version's name. */
async function renameInChecksum(path: string, from: string, to: string): Promise<string> {
  try {
    const sha256 = sha256For(await readBounded(path, SMALL), from)
    // Not durable and need not be: it is fetched anew whenever the image is asked for.
    await writeFile(path, formatSha256sum({ name: to, sha256 }))
    return sha256
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    throw new EngineError('download.file-failed', { path, reason: reasonOf(cause) }, { cause })
  }
}
