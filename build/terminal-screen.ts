// A terminal in memory: replays captured output (colours, \r, cursor movement, erasing) and tells what it would show at
// the end. Knows what progress displays use, not full-screen programs; the screen is as high as the text needs.

export interface Style {
  /** 0-15 of the terminal's palette; undefined is the terminal's own text colour. */
  readonly colour: number | undefined
  readonly bold: boolean
  readonly dim: boolean
  readonly italic: boolean
  readonly underline: boolean
}

export interface Run {
  readonly column: number
  readonly text: string
  readonly style: Style
}

interface Cell {
  readonly text: string
  readonly style: Style
}

const PLAIN: Style = { colour: undefined, bold: false, dim: false, italic: false, underline: false }

/** The style after one SGR number list ("1;32"). 256 and true colours are read and shown as plain text colour. */
function applySgr(style: Style, numbers: readonly number[]): Style {
  let now = style
  for (let index = 0; index < numbers.length; index += 1) {
    const number = numbers[index]!
    if (number === 0) now = PLAIN
    else if (number === 1) now = { ...now, bold: true }
    else if (number === 2) now = { ...now, dim: true }
    else if (number === 3) now = { ...now, italic: true }
    else if (number === 4) now = { ...now, underline: true }
    else if (number === 22) now = { ...now, bold: false, dim: false }
    else if (number === 23) now = { ...now, italic: false }
    else if (number === 24) now = { ...now, underline: false }
    else if (number >= 30 && number <= 37) now = { ...now, colour: number - 30 }
    else if (number >= 90 && number <= 97) now = { ...now, colour: number - 82 }
    else if (number === 39) now = { ...now, colour: undefined }
    else if (number === 38 || number === 48) {
      const indexed = numbers[index + 1] === 5
      const value = numbers[index + 2] ?? 0
      if (number === 38) now = { ...now, colour: indexed && value < 16 ? value : undefined }
      index += indexed ? 2 : 4
    }
  }
  return now
}

// One control sequence or one visible character (with the marks that belong to it).
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this reads
  /\u001b\[([0-9;?]*)([A-Za-z])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[()].|\u001b.|[\r\n\b\t]|[^\u0000-\u001f]\p{M}*/gsu

/** Lines of styled runs, as a screen of `columns` characters a line stands after the whole capture. */
export function screenAfter(capture: string, columns = Number.POSITIVE_INFINITY): Run[][] {
  const rows: (Cell | undefined)[][] = [[]]
  let [row, column, style] = [0, 0, PLAIN]
  const line = (): (Cell | undefined)[] => {
    while (rows.length <= row) rows.push([])
    return rows[row]!
  }
  const erase = (mode: number): void => {
    if (mode === 2) line().length = 0
    else if (mode === 1) line().fill(undefined, 0, column + 1)
    else line().length = Math.min(line().length, column)
  }
  const move = (command: string, count: number): void => {
    if (command === 'A') row = Math.max(0, row - count)
    if (command === 'B') row += count
    if (command === 'C') column += count
    if (command === 'D') column = Math.max(0, column - count)
    if (command === 'E') [row, column] = [row + count, 0]
    if (command === 'F') [row, column] = [Math.max(0, row - count), 0]
    if (command === 'G') column = count - 1
  }
  for (const [token, parameters, command] of capture.matchAll(TOKEN)) {
    if (command !== undefined) {
      const numbers = parameters!.split(';').map(Number)
      if (command === 'm') style = applySgr(style, numbers)
      else if (command === 'K') erase(numbers[0]!)
      else if (command === 'J') {
        erase(numbers[0]!)
        if (numbers[0] === 2 || numbers[0] === 3) rows.length = 0
        else if (numbers[0] === 1) for (let above = 0; above < row; above += 1) rows[above] = []
        else rows.length = Math.min(rows.length, row + 1)
      } else if (command === 'H') [row, column] = [(numbers[0] || 1) - 1, (numbers[1] || 1) - 1]
      else if (!parameters!.startsWith('?')) move(command, numbers[0] || 1)
    } else if (token === '\n') [row, column] = [row + 1, 0]
    else if (token === '\r') column = 0
    else if (token === '\b') column = Math.max(0, column - 1)
    else if (token === '\t') column = (Math.floor(column / 8) + 1) * 8
    else if (!token.startsWith('\u001b')) {
      if (column >= columns) [row, column] = [row + 1, 0]
      line()[column] = { text: token, style }
      column += 1
    }
  }
  const drawn = rows.map(runsOf)
  while (drawn.length > 0 && drawn.at(-1)!.length === 0) drawn.pop()
  return drawn
}

function runsOf(cells: readonly (Cell | undefined)[]): Run[] {
  const runs: Run[] = []
  const same = (a: Style, b: Style): boolean => JSON.stringify(a) === JSON.stringify(b)
  Array.from(cells).forEach((cell, column) => {
    if (cell === undefined) return
    const last = runs.at(-1)
    const adjacent = last !== undefined && last.column + [...last.text].length === column
    if (last && adjacent && same(last.style, cell.style))
      runs[runs.length - 1] = { ...last, text: last.text + cell.text }
    else runs.push({ column, text: cell.text, style: cell.style })
  })
  return runs.filter((run) => run.text.trim() !== '' || run.style.underline)
}
