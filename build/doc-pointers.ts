// What documents point at: links to other pages and their headings, files of the repository, codes of the catalogue, `npm run`
// scripts. Promises: everything that is gone is named with page and line; of blocks of example text only scripts are read.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const NOT_OURS = /(?:^|\/)(?:node_modules|\.git|\.cache|var|dist)(?:\/|$)/
const LINK = /\]\(([^)\s]+)\)/g
const CODE = /`([^`\n]+)`/g
/** Text before it says where it lies when it is a place of another machine. */
const FILE = /(?<![\w./<-])[\w@-][\w@./*-]*\.(?:ts|tsx|mts|mjs|md|yml|service|cfg|policy)(?![\w-]|\.\w)/g
const FOLDER = /(?<![\w./<-])(?:build|cli|device|docs|e2e|electron|host|renderer|src-shared|bench)\/[\w@./*-]*/g
/** A code in the words of a sentence; names of files look alike. */
const ERROR = /^([a-z]+)\.[a-z][a-z0-9-]+$/
const FILE_NAME = /\.(?:asc|json|yaml|img|log|key|conf|mjs)$/

/** A file with its folder, as comments name it. */
const NAMED = /(?<![\w./<@$-])[a-z][\w-]*(?:\/[\w.-]+)+\.(?:ts|tsx|md|cfg)(?![\w-])/g
const COMMENT = /^\s*(?:\/\/|\/?\*|#) (.*)$|\s\/\/ (.*)$/

export interface Pointer {
  readonly page: string
  readonly line: number
  readonly to: string
}

const listed = (root: string, pattern: string): string[] =>
  globSync(pattern, { cwd: root, exclude: (path) => NOT_OURS.test(path) })

/** Pages for people: everything in Markdown. */
export const pagesOf = (root: string): string[] => listed(root, '**/*.md').sort()

/** Same length and lines, without fenced blocks. */
const withoutBlocks = (text: string): string =>
  text.replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, ' '))

/** How a heading is called in an address. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-')

const headingsOf = (path: string): string[] =>
  [...withoutBlocks(readFileSync(path, 'utf8')).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading))

function linkStands(root: string, page: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return true
  const [path, anchor] = link.split('#')
  const target = path === '' ? join(root, page) : join(root, dirname(page), path)
  return existsSync(target) && (anchor === undefined || headingsOf(target).includes(anchor))
}

/** Named from the root, its layer or the page's folder; a name without folder may lie anywhere. */
function fileStands(root: string, page: string, name: string): boolean {
  if (name.startsWith('resources/')) return true // A package's, which assemble.test.ts knows.
  const from = name.includes('/') ? [name, join('src-shared', name), join(dirname(page), name)] : [`**/${name}`]
  return from.some((pattern) => listed(root, pattern).length > 0)
}

/** Everything on a page that points at nothing. `names` are codes of the catalogue, what else has a point in its name, and scripts. */
export function deadPointers(root: string, page: string, names: ReadonlySet<string>): Pointer[] {
  const whole = readFileSync(join(root, page), 'utf8')
  const text = withoutBlocks(whole)
  const areas = new Set([...names].map((name) => name.split('.')[0]))
  const dead: Pointer[] = []
  const judge = (at: number, to: string, stands: boolean) => {
    if (!stands) dead.push({ page, line: text.slice(0, at).split('\n').length, to })
  }
  for (const { 1: link, index } of text.matchAll(LINK)) judge(index, link, linkStands(root, page, link))
  for (const { 1: code, index } of text.matchAll(CODE)) {
    for (const [name] of [...code.matchAll(FILE), ...code.matchAll(FOLDER)])
      judge(index, name, fileStands(root, page, name))
    const area = FILE_NAME.test(code) ? undefined : ERROR.exec(code)?.[1]
    if (area !== undefined && areas.has(area)) judge(index, code, names.has(code))
  }
  for (const { 0: script, index } of whole.matchAll(/npm run [\w-]+/g)) judge(index, script, names.has(script))
  return dead
}

/** Sources, whose comments point at other files, too. */
export const sourcesOf = (root: string): string[] => listed(root, '**/*.{ts,tsx,sh,cfg,service}').sort()

/** Files named in the comments of a source, from the root, its layer or its own folder, that are not there. */
export function deadNames(root: string, page: string): Pointer[] {
  const rows = readFileSync(join(root, page), 'utf8').split('\n')
  return rows.flatMap((row, index) => {
    const [, whole, end] = COMMENT.exec(row) ?? []
    const names = [...(whole ?? end ?? '').matchAll(NAMED)].map(([name]) => name)
    const places = ['', 'src-shared', dirname(page), page.split('/')[0]]
    const dead = names.filter((name) => !places.some((place) => existsSync(join(root, place, name))))
    return dead.map((to) => ({ page, line: index + 1, to }))
  })
}
