// What the console noted while it ran: the last lines, in memory, for the support bundle. Never secrets; lines are cut.
import { terminalText } from '#base/foreign-text.ts'

export interface HostLog {
  add(line: string): void
  lines(): readonly string[]
}

const LINES = 2000
const LENGTH = 2000

/** `echo` gets every line, too (a terminal, a test). */
export function openHostLog(now: () => Date, echo: (line: string) => void = () => {}): HostLog {
  const kept: string[] = []
  return {
    add(text) {
      const line = `${now().toISOString()} ${terminalText(text.slice(0, LENGTH), false)}`
      kept.push(line)
      if (kept.length > LINES) kept.shift()
      echo(line)
    },
    lines: () => kept,
  }
}
