// Several live lines at the end of a terminal, one for each job that runs beside others, under the lines that stay. Each row is
// a stream that a ProgressLine (progress-line.ts) can draw on: what it redraws stays in its row, what it writes as a whole line
// goes above, with the row's name in front. On something that is not a terminal there are only the lines with their names.
import { CLEAR_LINE, type Writer } from './terminal-writer.ts'

export interface LiveRows {
  row(name: string): Writer
  /** Takes the rows off the screen before somebody else writes; the next change draws them again. */
  clear(): void
}

const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9]{1,2}m`, 'gu')
const WIDTH = 80

/** A row that is too long would take two lines, and the rows above could not be found again. */
export function fitRow(text: string, columns: number): string {
  const plain = text.replace(COLOUR, '')
  return [...plain].length < columns ? text : `${[...plain].slice(0, Math.max(1, columns - 2)).join('')}…`
}

export function liveRows(stream: Writer): LiveRows {
  const rows: { readonly name: string; text: string }[] = []
  /** Rows that are on the screen, the cursor below them. */
  let drawn = 0
  const draw = (from: number): void => {
    for (const { name, text } of rows.slice(from))
      stream.write(`${CLEAR_LINE}${fitRow(`${name}  ${text}`, stream.columns ?? WIDTH)}\n`)
    drawn = rows.length
  }
  const up = (lines: number): void => {
    if (lines > 0) stream.up?.(lines)
  }
  const clear = (): void => {
    up(drawn)
    for (let i = 0; i < drawn; i++) stream.write(`${CLEAR_LINE}\n`)
    up(drawn)
    drawn = 0
  }
  return {
    clear,
    row(name) {
      const mine = { name, text: '' }
      rows.push(mine)
      return {
        get isTTY() {
          return stream.isTTY === true
        },
        get columns() {
          return Math.max(20, (stream.columns ?? WIDTH) - name.length - 2)
        },
        get behind() {
          return stream.behind === true
        },
        write(text: string) {
          if (stream.isTTY !== true) return stream.write(`${name}: ${text}`)
          if (text.endsWith('\n')) {
            clear()
            stream.write(`${name}: ${text}`)
            return draw(0)
          }
          const next = text.startsWith(CLEAR_LINE) ? text.slice(CLEAR_LINE.length) : text
          // Its next words follow at once: an empty row would only flicker.
          if (next === '' || next === mine.text) return
          mine.text = next
          const index = rows.indexOf(mine)
          const from = index < drawn ? index : 0
          up(drawn - from)
          draw(from)
        },
      }
    },
  }
}
