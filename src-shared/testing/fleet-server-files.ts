// Release files of the fleet test server: ranges, entity tags and conditions as RFC 9110 has them, and on request the ways
// in which real servers misbehave (slow, cut in the middle, no ranges, another file under the same name).
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

export type FileContent = Uint8Array | { readonly path: string }

export interface PublishedFile {
  readonly content: FileContent
  /** Null: none is sent. */
  readonly etag: string | null
  /** False: every answer is the whole file with 200. */
  readonly ranges: boolean
}

/** What happens to the body on its way. */
export interface BodyFault {
  /** The connection ends after so many bytes of the body. */
  readonly cutAfter?: number
  readonly bytesPerSecond?: number
}

const sizeOf = async (content: FileContent): Promise<number> =>
  content instanceof Uint8Array ? content.length : (await stat(content.path)).size

const read = (content: FileContent, start: number, end: number): AsyncIterable<Uint8Array> => {
  if (content instanceof Uint8Array) return Readable.from(content.length === 0 ? [] : [content.subarray(start, end)])
  return start === end ? Readable.from([]) : createReadStream(content.path, { start, end: end - 1 })
}

export const etagOf = (content: FileContent): string =>
  `"${createHash('sha256')
    .update(content instanceof Uint8Array ? content : content.path)
    .digest('hex')
    .slice(0, 16)}"`

type Span = { readonly start: number; readonly end: number } | 'whole' | 'unsatisfiable'

/** One range, as clients that resume ask for it; several, or nonsense, mean the whole file. */
function spanOf(header: string | undefined, size: number): Span {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return 'whole'
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1])
  const end = match[1] === '' || match[2] === '' ? size : Math.min(size, Number(match[2]) + 1)
  return start >= size || end <= start ? 'unsatisfiable' : { start, end }
}

/** Answers a GET or HEAD of a published file and returns the status. */
export async function serveFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: PublishedFile,
  fault: BodyFault,
): Promise<number> {
  const size = await sizeOf(file.content)
  const condition = request.headers['if-range']
  const asked = file.ranges && (condition === undefined || condition === file.etag)
  const span = asked ? spanOf(request.headers.range, size) : 'whole'
  const headers: Record<string, string | number> = { 'content-type': 'application/octet-stream' }
  if (file.etag !== null) headers.etag = file.etag
  if (file.ranges) headers['accept-ranges'] = 'bytes'
  if (span === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${size}` }).end()
    return 416
  }
  const { start, end } = span === 'whole' ? { start: 0, end: size } : span
  const status = span === 'whole' ? 200 : 206
  if (status === 206) headers['content-range'] = `bytes ${start}-${end - 1}/${size}`
  response.writeHead(status, { ...headers, 'content-length': end - start })
  if (request.method === 'HEAD') response.end()
  else await sendBody(response, read(file.content, start, end), fault)
  return status
}

async function sendBody(response: ServerResponse, body: AsyncIterable<Uint8Array>, fault: BodyFault): Promise<void> {
  const tick = fault.bytesPerSecond === undefined ? Number.POSITIVE_INFINITY : Math.ceil(fault.bytesPerSecond / 20)
  let left = fault.cutAfter ?? Number.POSITIVE_INFINITY
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; ) {
      const length = Math.min(chunk.length - at, tick, left)
      if (length > 0 && !response.write(chunk.subarray(at, at + length))) await drained(response)
      at += length
      left -= length
      if (response.destroyed) return
      if (left <= 0) {
        // What was written has to arrive: the client shall see a body that ends too early, not a reset at once.
        await delay(50)
        return void response.destroy()
      }
      if (Number.isFinite(tick)) await delay(50)
    }
  }
  response.end()
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((done) => {
    const go = () => {
      response.off('drain', go).off('close', go)
      done()
    }
    response.on('drain', go).on('close', go)
  })
