// The serial console of a test's virtual machine as text, over all processes that ran it, and waits for what it shows.
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

/** Colours, cursor movements and carriage returns as OVMF and GRUB print them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal control sequences begin with ESC
const CONTROL = /\u001b\[[0-9;?=]*[A-Za-z]|\r|\u0000/g

export interface SerialLog {
  /** Reads on from here. */
  read(output: Readable): void
  /** Told with a failure. */
  problem(text: unknown): void
  problems(): string
  /** Nothing more comes. */
  end(): void
  text(): string
  /** Waits for text that appears after what earlier calls matched. Throws at the time limit, or when nothing more comes. */
  waitFor(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>
  /** Waits until nothing more comes. */
  ended(timeoutMs: number): Promise<void>
}

/** `onLine` is called with each line, without colours. */
export function serialLog(onLine: ((line: string) => void) | undefined): SerialLog {
  let text = ''
  let pending = ''
  let consumed = 0
  let shown = 0
  let problem = ''
  let ended = false
  let wake = () => {}

  function take(part: string): void {
    // A control sequence may be cut in two: keep an unfinished one back.
    const whole = pending + part
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    const cut = /\u001b(\[[0-9;?=]*)?$/.exec(whole)?.index ?? whole.length
    pending = whole.slice(cut)
    text += whole.slice(0, cut).replace(CONTROL, '')
    for (let end = text.indexOf('\n', shown); end >= 0; end = text.indexOf('\n', shown)) {
      onLine?.(text.slice(shown, end))
      shown = end + 1
    }
    wake()
  }

  async function until<T>(what: string, timeoutMs: number, look: () => T | null): Promise<T> {
    const limit = Date.now() + timeoutMs
    for (;;) {
      const seen = look()
      if (seen !== null) return seen
      const left = limit - Date.now()
      if (ended || left <= 0) {
        const why = ended ? 'the machine ended' : `${timeoutMs / 1000} s are over`
        throw new Error(`waiting for ${what}: ${why}\n${problem}\n--- serial console ---\n${text.slice(-4000)}`)
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      await Promise.race([promise, delay(Math.min(left, 1000))])
    }
  }

  return {
    read(output) {
      output.setEncoding('latin1').on('data', take)
    },
    problem(more) {
      problem += String(more)
    },
    problems: () => problem.trim().replaceAll('\n', '; '),
    end() {
      ended = true
      wake()
    },
    text: () => text,
    waitFor: (pattern, timeoutMs) =>
      until(String(pattern), timeoutMs, () => {
        const match = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).exec(text.slice(consumed))
        if (match) consumed += match.index + match[0].length
        return match
      }),
    ended: async (timeoutMs) => {
      await until('power-off', timeoutMs, () => (ended ? true : null))
    },
  }
}
