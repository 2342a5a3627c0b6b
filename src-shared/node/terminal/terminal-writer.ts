// The edge to the terminal: everything that a program prints goes through here, so that no text of others can steer it
// (base/foreign-text.ts). Our own colours pass on a terminal, and our own "clear this line" at the start of a write.
import { terminalText } from '#base/foreign-text.ts'

export interface Writer {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  /** The reader is far behind (steady-stream.ts). */
  readonly behind?: boolean
  /** On a terminal: the cursor goes up; for rows that are drawn again (live-rows.ts). */
  up?(lines: number): void
}

export const CLEAR_LINE = '\r\u001b[2K'

/** The stream with the door in front. */
export function guardTerminal(stream: Writer): Writer {
  const guarded = {
    write(text: string) {
      const clear = stream.isTTY === true && text.startsWith(CLEAR_LINE) ? CLEAR_LINE : ''
      return stream.write(clear + terminalText(text.slice(clear.length), stream.isTTY === true))
    },
    up(lines: number) {
      if (stream.isTTY === true) stream.write(`\u001b[${Math.trunc(lines)}A`)
    },
  }
  // They change while a job runs, so they are read where they are.
  return Object.defineProperties(guarded as Writer, {
    isTTY: { get: () => stream.isTTY },
    columns: { get: () => stream.columns },
    behind: { get: () => stream.behind },
  })
}

/** A line break in a file's or a key's name would be a line of ours. */
export const oneLine = (text: string): string =>
  text.replace(/[\r\n]/g, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`)
