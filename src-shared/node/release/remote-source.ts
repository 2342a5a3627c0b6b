// A file on an HTTP server as random-access bytes (engine/download/range-source.ts with this machine's client and clock).

import type { RetryPolicy } from '#engine/download/attempts.ts'
import type { Fetcher } from '#engine/download/ports.ts'
import { openRangeSource } from '#engine/download/range-source.ts'
import type { ByteSource } from '#engine/ports.ts'
import { waiting } from '../http/download-fetcher.ts'

export interface RemoteOptions {
  readonly fetcher: Fetcher
  /** What the channel promised; another size is refused. */
  readonly sizeBytes?: number | null
  readonly retry?: RetryPolicy
  readonly signal?: AbortSignal
}

/** @throws EngineError `download.*`, `release.empty`, `job.cancelled`; its `read` also `release.truncated` */
export const openHttpSource = (url: string, { sizeBytes = null, ...options }: RemoteOptions): Promise<ByteSource> =>
  openRangeSource({ ...options, url, sizeBytes, pace: waiting })
