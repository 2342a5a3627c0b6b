// One live line per running step: bar, percent, rate and remaining time, all computed from events. On something that is
// not a terminal only the starts and ends of steps are printed. Redraws at most ten times a second and always at the end.
import { formatBytes } from '#base/bytes.ts'
import type { JobEvent } from '#engine/ports.ts'

const PHASES = { write: 'Writing', flush: 'Flushing', 'read-back': 'Reading back', authenticate: 'Checking' } as const
const BAR = 24

interface Sample {
  readonly at: number
  readonly bytes: number
}

/** Bytes per second over the last few seconds; null during the first second ("measuring"). */
export function rateOf(samples: readonly Sample[]): number | null {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || last.at - first.at < 1000) return null
  return ((last.bytes - first.bytes) * 1000) / (last.at - first.at)
}

/** `about 2 min`, `about 40 s`: rounded so that it does not flicker. */
export function formatRemaining(seconds: number): string {
  if (seconds >= 90) return `about ${Math.round(seconds / 60)} min`
  if (seconds >= 10) return `about ${Math.ceil(seconds / 5) * 5} s`
  return 'a few seconds'
}

export const bar = (fraction: number): string => {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * BAR)
  return '━'.repeat(full) + '╌'.repeat(BAR - full)
}

type Style = Readonly<Record<'dim' | 'green' | 'cyan', (text: string) => string>>

export class ProgressLine {
  readonly #stream: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }
  readonly #style: Style
  #drawn = false
  #lastDraw = 0
  #title = ''
  #place = ''
  #phase = ''
  #samples: Sample[] = []

  constructor(
    stream: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number },
    style: Style,
  ) {
    this.#stream = stream
    this.#style = style
  }

  show(event: JobEvent, now: number): void {
    switch (event.type) {
      case 'step-started':
        this.#title = event.title
        this.#place = `${event.step}/${event.total}`
        this.#samples = []
        this.#phase = ''
        if (this.#stream.isTTY) this.#draw(`${this.#style.cyan('▸')} ${this.#place} ${event.title}`)
        return
      case 'progress':
        this.#progress(event, now)
        return
      case 'step-done':
        this.clear()
        this.#stream.write(`${this.#style.green('✓')} ${this.#place} ${this.#title}\n`)
        return
      case 'warning':
        this.clear()
        this.#stream.write(`! ${event.message} (${event.code})\n`)
        return
    }
  }

  #progress(event: Extract<JobEvent, { type: 'progress' }>, now: number): void {
    if (!this.#stream.isTTY) return
    if (event.phase !== this.#phase) this.#samples = []
    this.#phase = event.phase
    this.#samples.push({ at: now, bytes: event.doneBytes })
    while (this.#samples.length > 2 && now - this.#samples[0].at > 5000) this.#samples.shift()
    if (now - this.#lastDraw < 100 && event.doneBytes < event.totalBytes) return
    this.#lastDraw = now
    const fraction = event.totalBytes > 0 ? event.doneBytes / event.totalBytes : 1
    const rate = rateOf(this.#samples)
    const speed =
      rate === null || rate <= 0
        ? 'measuring…'
        : `${formatBytes(rate)}/s, ${formatRemaining((event.totalBytes - event.doneBytes) / rate)}`
    const percent = `${Math.floor(fraction * 100)} %`.padStart(5)
    this.#draw(
      `${this.#style.cyan('▸')} ${this.#place} ${PHASES[event.phase].padEnd(12)} ${bar(fraction)} ${percent}  ${this.#style.dim(speed)}`,
    )
  }

  #draw(text: string): void {
    this.#stream.write(`\r\u001b[2K${text}`)
    this.#drawn = true
  }

  clear(): void {
    if (this.#drawn) this.#stream.write('\r\u001b[2K')
    this.#drawn = false
  }
}
