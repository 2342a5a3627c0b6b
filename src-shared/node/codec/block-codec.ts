// BlockCodec over worker threads: decoding and hashing leave the main thread, which only moves descriptors around.
// Memory is shared with the workers, nothing is copied to reach them.

import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { availableParallelism } from 'node:os'
import { SHARE_ENV, Worker } from 'node:worker_threads'
import { EngineError } from '#base/errors.ts'
import type { BlockCodec, Pace, SpareBuffers } from '#engine/copy/ports.ts'
import { allocateShared } from '../os/aligned-memory.ts'
import { type CodecAnswer, type CodecJob, checksumOf, digestOf, unpackInto } from './block-work.ts'

interface Waiting {
  readonly resolve: (answer: string | number) => void
  readonly reject: (error: Error) => void
}

interface Hand {
  readonly worker: Worker
  readonly waiting: Map<number, Waiting>
}

/** Decodes and hashes on the calling thread: for tests and for a few blocks. */
export const inlineCodec: BlockCodec = {
  parallel: 1,
  allocate: allocateShared,
  unpack: (block, target) => unpackInto(block, target),
  digest: async (data) => digestOf(data),
  checksum: async (data) => checksumOf(data),
}

export const nodePace: Pace = {
  now: () => performance.now(),
  sleep: (milliseconds) =>
    new Promise((done) => {
      setTimeout(done, milliseconds).unref()
    }),
}

/** Longer than any one block takes; only a thread that hangs is terminated. */
const END_LIMIT_MS = 10_000

/**
 * Lets the thread finish its block and end by itself. Terminating it in the middle of a zlib call makes Node 24 abort the
 * whole process ("close before init"), which would turn a cancelled job into a crash.
 */
async function endWorker(worker: Worker): Promise<void> {
  const ended = once(worker, 'exit')
  worker.postMessage('end')
  const limit = setTimeout(() => worker.terminate(), END_LIMIT_MS)
  await ended
  clearTimeout(limit)
}

const inlineAlone: BlockCodec & AsyncDisposable = { ...inlineCodec, [Symbol.asyncDispose]: async () => {} }

/** Node starts no thread where the working directory was removed; everything else works there. Its own answer may be an old one. */
function hasWorkingDirectory(): boolean {
  try {
    realpathSync.native('.')
    return true
  } catch {
    return false
  }
}

/** A codec with `workers` threads (default: one per processor, at most three), started when first needed. Dispose it: the threads end, work under way is refused. */
export function openBlockCodec(options: { readonly workers?: number } = {}): BlockCodec & AsyncDisposable {
  if (!hasWorkingDirectory()) return inlineAlone
  const count = options.workers ?? Math.max(1, Math.min(3, availableParallelism()))
  const hands: Hand[] = []
  let nextId = 0
  let closed = false
  const closing = new Int32Array(new SharedArrayBuffer(4))

  function startHand(): Hand {
    const cache = getCompileCacheDir()
    const worker = new Worker(new URL('./block-codec-worker.ts', import.meta.url), {
      workerData: closing,
      // With the cache a worker needs no TypeScript loader of its own: 13 MiB less, and a quicker start.
      env: cache ? { ...process.env, NODE_COMPILE_CACHE: cache } : SHARE_ENV,
    })
    const hand: Hand = { worker, waiting: new Map() }
    worker.unref()
    worker.on('message', (answer: CodecAnswer) => {
      const waiting = hand.waiting.get(answer.id)
      hand.waiting.delete(answer.id)
      if (hand.waiting.size === 0 && !closed) worker.unref()
      if (!waiting) return
      if ('answer' in answer) waiting.resolve(answer.answer)
      else waiting.reject(new EngineError(answer.failure.code, answer.failure.details))
    })
    const fail = (error: Error) => {
      hands.splice(hands.indexOf(hand), 1)
      for (const waiting of hand.waiting.values()) waiting.reject(error)
      hand.waiting.clear()
    }
    worker.on('error', fail)
    worker.on('exit', () => hands.includes(hand) && fail(new EngineError('job.cancelled')))
    hands.push(hand)
    return hand
  }

  /** All at once, when the first buffer is asked for: they are ready when the first block has been read. */
  const startHands = (): void => {
    while (!closed && hands.length < count) startHand()
  }

  function pickHand(): Hand {
    startHands()
    return hands.reduce((idlest, hand) => (hand.waiting.size < idlest.waiting.size ? hand : idlest))
  }

  function perform(target: Uint8Array, block: CodecJob['block']): Promise<string | number> {
    if (closed) return Promise.reject(new EngineError('job.cancelled'))
    const { promise, resolve, reject } = Promise.withResolvers<string | number>()
    const hand = pickHand()
    const id = nextId++
    hand.waiting.set(id, { resolve, reject })
    hand.worker.ref()
    hand.worker.postMessage({ id, target, block } satisfies CodecJob)
    return promise
  }

  const kept = new Map<number, Uint8Array[]>()
  const spare: SpareBuffers = {
    take: (length) => kept.get(length)?.pop(),
    put(bytes) {
      const alike = kept.get(bytes.length) ?? []
      kept.set(bytes.length, alike)
      alike.push(bytes)
    },
  }

  const shared = (bytes: Uint8Array): boolean => bytes.buffer instanceof SharedArrayBuffer

  return {
    parallel: count + 1,
    allocate(length) {
      startHands()
      return allocateShared(length)
    },
    spare,
    async unpack(block, target) {
      // A target in private memory would be copied to the worker and filled there: do it here instead.
      if (!shared(target)) return unpackInto(block, target)
      return String(await perform(target, block))
    },
    digest: async (data) => (shared(data) ? String(await perform(data, null)) : digestOf(data)),
    checksum: async (data) => (shared(data) ? Number(await perform(data, 'checksum')) : checksumOf(data)),
    async [Symbol.asyncDispose]() {
      closed = true
      Atomics.store(closing, 0, 1)
      // The process must not end before its threads: nothing else may be left that keeps it alive.
      for (const hand of hands) hand.worker.ref()
      await Promise.all(hands.map((hand) => endWorker(hand.worker)))
    },
  }
}
