// What a runner is told, line by line, checked with the contract's schema. Promises: the first thing that does not fit stops
// everything, no more than a few messages wait, and the end of the input is the caller's end.
import { EngineError, isEngineError } from '#base/errors.ts'
import { MAX_LINE, MOST_UNITS, type ToRunner, toRunner } from '#contract/runner.ts'
import { boundedJson } from '#format/bounded-json.ts'
import { off } from './last-word.ts'

/** Messages that may wait. */
const MOST = 4 * MOST_UNITS

export interface Inbox {
  /** @throws EngineError `job.cancelled` when everything shall end, `runner.protocol` */
  next(): Promise<ToRunner>
  close(): void
}

function parseLine(line: string): ToRunner {
  if (line.length > MAX_LINE) throw off(`a line of ${line.length} characters`)
  let value: unknown
  try {
    value = boundedJson(line, MAX_LINE)
  } catch {
    throw off('a line that is no JSON')
  }
  const parsed = toRunner.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw off(`${issue.path.join('.') || 'the message'}: ${issue.message}`)
}

/** The input as a queue; `cancel` of everything, the end of input and anything malformed fire `stop`. */
export function openInbox(lines: AsyncIterable<string>, stop: AbortController): Inbox {
  const waiting: ToRunner[] = []
  let problem: EngineError | null = null
  let wake = () => {}
  let closed = false
  const fail = (error: EngineError) => {
    problem ??= error
    if (!closed) stop.abort(error)
    wake()
  }
  const read = async (): Promise<void> => {
    for await (const line of lines) {
      if (closed) return
      const message = parseLine(line)
      if (message.verb === 'cancel' && message.unit === undefined) return fail(new EngineError('job.cancelled'))
      waiting.push(message)
      if (waiting.length > MOST) return fail(off(`"${message.verb}" while ${MOST} requests wait`))
      wake()
    }
    fail(new EngineError('job.cancelled'))
  }
  void read().catch((error: unknown) => fail(isEngineError(error) ? error : off(String(error))))
  return {
    async next(): Promise<ToRunner> {
      for (;;) {
        const message = waiting.shift()
        if (message) return message
        if (problem) throw problem
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        await promise
      }
    },
    close() {
      closed = true
    },
  }
}
