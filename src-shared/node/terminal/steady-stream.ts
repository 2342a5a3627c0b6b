// Where every program of ours writes its words: a standard stream that never ends a job. A reader that is gone (EPIPE), a
// full disk (ENOSPC) or a closed terminal (EIO) is remembered, and what comes later is dropped; a reader that is only
// slow makes nobody wait. Nothing else in the sources may name process.stdout or process.stderr (steady-stream.test.ts).
import { errnoOf } from '../os/os-errors.ts'

export interface SteadyStream {
  readonly isTTY: boolean
  readonly columns: number | undefined
  /** The reader is so far behind that words which only show progress are better left out. */
  readonly behind: boolean
  /** The system's code for what broke the stream (`EPIPE`, `ENOSPC`, ...); null while it works. */
  readonly lost: string | null
  write(text: string): boolean
  /** Resolves when everything was taken, or the stream is lost; never rejects. */
  settled(): Promise<void>
}

/** What it needs of a standard stream. */
export interface Standard {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly writableLength: number
  write(text: string, taken?: (error?: Error | null) => void): boolean
  on(event: 'error', listener: (error: Error) => void): unknown
}

const BACKLOG = 1 << 20

export function steadyStream(stream: Standard): SteadyStream {
  let lost: string | null = null
  const fail = (error: unknown) => {
    lost ??= errnoOf(error)
  }
  // Stays for good: a stream may tell of its end long after the last write.
  stream.on('error', fail)
  return {
    get isTTY() {
      return stream.isTTY === true
    },
    get columns() {
      return stream.columns
    },
    get behind() {
      return stream.writableLength > BACKLOG
    },
    get lost() {
      return lost
    },
    write(text) {
      if (lost !== null) return false
      try {
        return stream.write(text)
      } catch (error) {
        fail(error)
        return false
      }
    },
    settled: () =>
      new Promise((done) => {
        if (lost !== null) return done()
        stream.write('', (error) => {
          if (error) fail(error)
          done()
        })
      }),
  }
}

export interface SteadyStreams {
  readonly stdout: SteadyStream
  readonly stderr: SteadyStream
}

/** This process's two streams. */
export const steadyStreams = (): SteadyStreams => ({
  stdout: steadyStream(patient(process.stdout)),
  stderr: steadyStream(patient(process.stderr)),
})

/** Node writes to pipes while everything else waits: a reader that stands still would hold up the disk. */
function patient(stream: NodeJS.WriteStream): Standard {
  const { _handle: handle } = stream as { _handle?: { setBlocking?(on: boolean): unknown } }
  if (!stream.isTTY) handle?.setBlocking?.(false)
  return stream
}

/** For libraries that want a real stream (a question on the terminal); only after `steadyStreams` took care of it. */
export const terminalOutput = (): NodeJS.WritableStream => process.stderr
