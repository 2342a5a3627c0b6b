// Which test files a change can touch (`npm test -- --changed`). A test is left out only where it is clear that nothing it imports
// or may start as a program was changed; whatever is unclear runs everything.
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { basename, join, posix } from 'node:path'
import { byName } from './check-layers.ts'
import { importsOf, scanSource } from './scan-source.ts'

/** Text for people; only the documents' own tests read it. */
const PROSE = /^docs\/(adr|changelog)\/.*\.md$/
/** What decides how every test is run. */
const RUNNER = /^(build\/(test|test-run|test-reporter|setup|changed|allowed-skips)\.(ts|mjs)|[^/]+)$/
const SOURCE = /\.tsx?$/
const IS_TEST = /\.test\.tsx?$/

/** Tests here start no program of ours: what they import is all that they run, unless they read files or start tools. */
const IMPORTS_ONLY = /^(src-shared\/(base|model|format|trust|plan|engine|contract)|renderer)\//
const READS = /\b(readFile|readdir|createReadStream|glob|spawn|exec|execFile|runTool|requireTool)(Sync)?\b/
/** Tests here start programs and machines in which no window is. */
const WITHOUT_WINDOW = /^(device|server|e2e\/(device|image|power-cut|vm))\//
const WINDOW = /^(renderer|electron)\//
/** Around the product: reached by import or by a file's name only. */
const HELPERS = /^(e2e|src-shared\/testing)\//

/** Sources of the tree by path. */
export type Sources = ReadonlyMap<string, string>

/** Files that each file imports, or names in a string: it may start them. */
function edgesOf(sources: Sources): ReadonlyMap<string, readonly string[]> {
  const named = Map.groupBy(sources.keys(), (file) => basename(file))
  return new Map(
    [...sources].map(([file, text]) => {
      const imported = importsOf(scanSource(text)).flatMap(({ specifier }) => {
        if (specifier === undefined) return []
        return byName(specifier) ?? (specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : [])
      })
      const code = text.replace(/^\s*(\/\/|\/?\*).*$/gm, '')
      const words = [...code.matchAll(/[\w.-]+\.tsx?\b/g)].flatMap(([word]) => named.get(word) ?? [])
      return [file, [...imported, ...words.filter((word) => !IS_TEST.test(word))]]
    }),
  )
}

function reach(start: string, edges: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const seen = new Set([start])
  for (const file of seen) for (const next of edges.get(file) ?? []) seen.add(next)
  return seen
}

/** Whether a test at `test` may start or read `file`, or a bundle that has it, though it imports it nowhere. */
function mayStart(test: string, file: string, importsOnly: boolean): boolean {
  if (IS_TEST.test(file) || HELPERS.test(file) || importsOnly) return false
  return !(WITHOUT_WINDOW.test(test) && WINDOW.test(file))
}

/** Of `tests` those that a change of the files `changed` can touch. */
export function touchedTests(
  tests: readonly string[],
  changed: readonly string[],
  sources: Sources,
): readonly string[] {
  const others = changed.filter((file) => !PROSE.test(file))
  if (others.some((file) => RUNNER.test(file) || !SOURCE.test(file) || !sources.has(file))) return tests
  const edges = edgesOf(sources)
  const prose = others.length < changed.length
  return tests.filter((test) => {
    if (prose && test.startsWith('build/')) return true
    const reached = reach(test, edges)
    const hands = [...reached].filter((file) => IS_TEST.test(file) || HELPERS.test(file))
    const importsOnly = IMPORTS_ONLY.test(test) && !hands.some((file) => READS.test(sources.get(file) ?? ''))
    return others.some((file) => reached.has(file) || mayStart(test, file, importsOnly))
  })
}

const FOLDERS = ['src-shared', 'cli', 'device', 'server', 'host', 'electron', 'renderer', 'build', 'bench', 'e2e']

/** Every TypeScript source below `root`. */
export function sourcesOf(root: string): Sources {
  const files = globSync(
    FOLDERS.map((folder) => `${folder}/**/*.{ts,tsx}`),
    { cwd: root },
  )
  return new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
}

/** Files that differ from where this branch left `main`, committed or not. @throws without git or without `main` */
export function changedFiles(root: string): readonly string[] {
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: root, encoding: 'utf8', timeout: 60_000, maxBuffer: 64 * 1024 * 1024 })
  const base = git('merge-base', 'HEAD', 'main').trim()
  const lists = [
    git('diff', '--name-only', '--no-renames', '-z', base),
    git('ls-files', '--others', '--exclude-standard', '-z'),
  ]
  return [...new Set(lists.flatMap((list) => list.split('\0')).filter((file) => file !== ''))]
}
