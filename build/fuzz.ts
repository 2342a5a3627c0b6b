// `npm run fuzz -- --minutes N [words]`: runs the property tests again and again with fresh seeds. A seed that finds something
// is added to src-shared/testing/kept-seeds.json, which `npm test` runs from then on; the exit code is 1 then.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { KEPT_SEEDS_FILE, type KeptSeed, keptSeeds } from './kept-seeds.ts'
import { runTests, stopAll } from './test-run.ts'

const ROOT = resolve(import.meta.dirname, '..')
const LIMIT_MS = 300_000
const SEEDS = 2 ** 31

/** Test files that come through the property door, and hold all of `words` in their paths. */
export function propertyFiles(root: string, words: readonly string[]): string[] {
  return globSync('{src-shared,cli,device,server,host,electron,renderer,build,e2e}/**/*.test.ts', { cwd: root })
    .filter((file) => /from '[#./a-z-]*\/property\.ts'/.test(readFileSync(join(root, file), 'utf8')))
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .sort()
}

function keep(seed: KeptSeed): void {
  const all = [...keptSeeds(ROOT), seed].map((each) => `  ${JSON.stringify(each)}`)
  writeFileSync(join(ROOT, KEPT_SEEDS_FILE), `[\n${all.join(',\n')}\n]\n`)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { minutes: { type: 'string' } }, allowPositionals: true })
  const minutes = Number(values.minutes ?? 10)
  if (!(minutes > 0 && minutes <= 24 * 60))
    throw new RangeError(`--minutes is ${values.minutes}, not a number of minutes`)
  const files = propertyFiles(ROOT, positionals)
  if (files.length === 0) throw new RangeError(`no property test's path contains ${positionals.join(' or ')}`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stopAll('SIGKILL')
      process.exit(1)
    })
  const end = performance.now() + minutes * 60_000
  let [runs, found] = [0, 0]
  for (let round = 0; performance.now() < end; round++) {
    for (const file of files) {
      if (performance.now() >= end) break
      const seed = Math.floor(Math.random() * SEEDS)
      const { tests, output } = await runTests(
        { file, files: [file], env: { TWINSLOT_SEED: String(seed) } },
        LIMIT_MS,
        ROOT,
      )
      runs++
      const failed = tests.filter(({ outcome }) => outcome === 'failed')
      if (failed.length === 0) continue
      found++
      keep({ file, seed, found: failed.map(({ name }) => name).join('; ') })
      console.log(`FOUND ${file} with seed ${seed}`)
      for (const { name, reason } of failed) console.log(`${name}\n${reason}\n`)
      if (output.trim() !== '') console.log(output.trim())
    }
    console.log(`round ${round + 1}: ${runs} runs of ${files.length} files, ${found} found something`)
  }
  if (found > 0) {
    console.log(`Kept in ${relative(process.cwd(), join(ROOT, KEPT_SEEDS_FILE))}: commit it with the mend.`)
    process.exitCode = 1
  }
}

if (import.meta.main) await main()
