// Draws a captured terminal run as an SVG picture for the README; light and dark follow the reader's setting.
// Use: script -qec 'stty cols 110; npm run demo' run.txt; node build/record.ts run.txt docs/images/demo.svg --typed 'npm run demo'
// --typed: the command line drawn above the run. --title: text in the bar. --columns: where lines wrap (110).
// --until: the last screen that is drawn is the one right after this text, for a picture of work under way.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { type Run, type Style, screenAfter } from './terminal-screen.ts'

const FONT_SIZE = 14
const CELL_WIDTH = 8.4
const LINE_HEIGHT = 20
const PADDING = 18
const BAR_HEIGHT = 34

// Colours per palette number (0-7 normal, 8-15 bright): for light paper, for dark paper. Contrast is at least 4.5:1.
const LIGHT = { paper: '#ffffff', bar: '#eef1f4', edge: '#d0d7de', ink: '#1f2933', faint: '#5b6773' }
const DARK = { paper: '#11161c', bar: '#1b222b', edge: '#2c3640', ink: '#dde4ea', faint: '#93a0ad' }
const LIGHT_PALETTE = ['#1f2933', '#b42318', '#1a7f37', '#8a5a00', '#0b5cad', '#7a3aa8', '#0b6e75', '#5b6773']
const DARK_PALETTE = ['#8a96a3', '#ff8478', '#5fd07a', '#e8b84a', '#6fb4ff', '#cf9bf5', '#5ccfd6', '#dde4ea']

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const number = (value: number): string => String(Math.round(value * 100) / 100)

function styleSheet(): string {
  const theme = (paper: typeof LIGHT, palette: readonly string[]): string =>
    [
      `.paper{fill:${paper.paper};stroke:${paper.edge}}.bar{fill:${paper.bar}}.dot{fill:${paper.edge}}`,
      `text{fill:${paper.ink}}.dim,.title{fill:${paper.faint}}`,
      ...palette.map((colour, index) => `.c${index}{fill:${colour}}`),
    ].join('')
  return [
    `text{font:${FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}`,
    '.bold{font-weight:700}.italic{font-style:italic}.underline{text-decoration:underline}',
    theme(LIGHT, LIGHT_PALETTE),
    `@media (prefers-color-scheme:dark){${theme(DARK, DARK_PALETTE)}}`,
  ].join('\n')
}

function classOf(style: Style): string {
  const names: string[] = []
  if (style.dim && style.colour === undefined) names.push('dim')
  // Bright colours differ from the normal ones only by name: both must be readable on paper.
  if (style.colour !== undefined) names.push(`c${style.colour % 8}`)
  if (style.bold) names.push('bold')
  if (style.italic) names.push('italic')
  if (style.underline) names.push('underline')
  return names.length === 0 ? '' : ` class="${names.join(' ')}"`
}

// Each run is pinned to its column and its width, so that a reader's font cannot shift the columns.
function drawRun({ column, text, style }: Run): string {
  const width = [...text].length * CELL_WIDTH
  const place = `x="${number(PADDING + column * CELL_WIDTH)}" textLength="${number(width)}"`
  return `<tspan ${place}${classOf(style)}>${escapeXml(text)}</tspan>`
}

/** An SVG document of the last screen of `capture`; `title` stands in the bar and is what screen readers say first. */
export function pictureOf(capture: string, title: string, wrapAt?: number): string {
  const lines = screenAfter(capture, wrapAt)
  const columns = Math.max(60, ...lines.flatMap((runs) => runs.map((run) => run.column + [...run.text].length)))
  const width = Math.ceil(columns * CELL_WIDTH + 2 * PADDING)
  const height = BAR_HEIGHT + lines.length * LINE_HEIGHT + 2 * PADDING - 6
  const baseline = (index: number): number => BAR_HEIGHT + PADDING + FONT_SIZE + index * LINE_HEIGHT - 4
  const rows = lines.flatMap((runs, index) =>
    runs.length === 0 ? [] : [`<text y="${baseline(index)}">${runs.map(drawRun).join('')}</text>`],
  )
  const plain = lines.map((runs) => runs.map((run) => run.text).join(' ')).join('\n')
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<desc>${escapeXml(plain)}</desc>`,
    `<style>${styleSheet()}</style>`,
    `<rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    `<path class="bar" d="M1 ${BAR_HEIGHT}V9a8 8 0 0 1 8-8H${width - 9}a8 8 0 0 1 8 8V${BAR_HEIGHT}z"/>`,
    ...[20, 38, 56].map((x) => `<circle class="dot" cx="${x}" cy="${BAR_HEIGHT / 2}" r="5.5"/>`),
    `<text class="title" x="${width / 2}" y="${BAR_HEIGHT / 2 + 5}" text-anchor="middle">${escapeXml(title)}</text>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n')
}

/**
 * The run itself out of what `script` wrote: without its own two lines, with the typed command above, and cut behind
 * the first `until`. @throws Error when `until` does not occur.
 */
export function runOf(recording: string, typed?: string, until?: string): string {
  const run = recording.replace(/^Script (?:started|done)[^\n]*\n?/gm, '')
  const end = until === undefined ? run.length : run.indexOf(until) + until.length
  if (until !== undefined && !run.includes(until)) throw new Error(`the recording does not contain "${until}"`)
  return (typed === undefined ? '' : `\u001b[32m$\u001b[0m \u001b[1m${typed}\u001b[0m\r\n`) + run.slice(0, end)
}

if (import.meta.main) {
  const text = { type: 'string' } as const
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { title: text, typed: text, until: text, columns: { ...text, default: '110' } },
  })
  const [input, output] = positionals
  if (input === undefined || output === undefined) {
    console.error('use: node build/record.ts CAPTURE.txt PICTURE.svg [--typed T] [--title T] [--columns N] [--until T]')
    process.exit(2)
  }
  const run = runOf(readFileSync(input, 'utf8'), values.typed, values.until)
  mkdirSync(dirname(output), { recursive: true })
  writeFileSync(output, pictureOf(run, values.title ?? values.typed ?? 'twinslot', Number(values.columns)))
  console.log(output)
}
