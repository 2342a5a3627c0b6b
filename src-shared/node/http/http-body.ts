// The bytes of an answer. Node throws away what it has buffered when a connection breaks; here what arrived is handed out
// before the error, so that a download over a bad line goes on behind it. (Only while we make the server wait, up to 64 KiB
// may still be lost; then 256 KiB were not.)
import type { IncomingMessage } from 'node:http'

/** Read ahead of whoever takes the bytes; then the server has to wait. */
const READ_AHEAD = 256 * 1024

/**
 * Begins to take bytes at once, before anybody asks for them. Chunks in order, once. Throws the error of a broken or destroyed answer; an error for which `isUrgent` is true comes at
 * once, any other behind the bytes that were before it.
 */
export function receivedChunks(
  incoming: IncomingMessage,
  isUrgent: (error: unknown) => boolean,
): AsyncGenerator<Buffer, void> {
  const queue: Buffer[] = []
  let waiting = 0
  let isComplete = false
  let failure: { readonly error: unknown } | null = incoming.destroyed ? { error: incoming.errored } : null
  let wake = (): void => {}
  incoming.on('data', (chunk: Buffer) => {
    queue.push(chunk)
    waiting += chunk.length
    if (waiting >= READ_AHEAD) incoming.pause()
    wake()
  })
  incoming.on('end', () => {
    isComplete = true
    wake()
  })
  incoming.on('error', (error) => {
    failure ??= { error }
    wake()
  })
  incoming.on('close', () => {
    if (!isComplete) failure ??= { error: new Error('closed') }
    wake()
  })
  async function* chunks(): AsyncGenerator<Buffer, void> {
    for (;;) {
      if (failure && isUrgent(failure.error)) throw failure.error
      const chunk = queue.shift()
      if (chunk) {
        waiting -= chunk.length
        if (waiting < READ_AHEAD && incoming.isPaused()) incoming.resume()
        yield chunk
      } else if (failure) throw failure.error
      else if (isComplete) return
      else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  }
  return chunks()
}
