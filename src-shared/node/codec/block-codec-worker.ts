// A worker thread of block-codec.ts: one job at a time, answers the digest or the reason as data. Ends when it is told to.
import { parentPort, workerData } from 'node:worker_threads'
import { EngineError } from '#base/errors.ts'
import { type CodecAnswer, type CodecJob, checksumOf, digestOf, unpackInto } from './block-work.ts'

async function perform(job: CodecJob): Promise<CodecAnswer> {
  try {
    if (job.block === 'checksum') return { id: job.id, answer: checksumOf(job.target) }
    return { id: job.id, answer: job.block ? await unpackInto(job.block, job.target) : digestOf(job.target) }
  } catch (error) {
    if (error instanceof EngineError) return { id: job.id, failure: { code: error.code, details: error.details } }
    throw error
  }
}

/** Set when the codec is disposed of: what still waits in the queue is not begun any more. */
const closing: unknown = workerData
const isClosing = (): boolean => closing instanceof Int32Array && Atomics.load(closing, 0) !== 0

parentPort?.on('message', async (job: CodecJob | 'end') => {
  if (job === 'end') parentPort?.close()
  else if (!isClosing()) parentPort?.postMessage(await perform(job))
})
