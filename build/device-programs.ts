// `npm run device-programs -- --out DIR [--layout NAME|FILE]`: makes the folder that `twinslot image build --programs` takes.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { explain } from '#base/errors.ts'
import { makeProgramsTree } from '#device/image/programs-tree.ts'
import { DEFAULT_LAYOUT } from '#model/layouts.ts'
import { loadLayout } from '#node/job/layout-file.ts'

const ROOT = join(import.meta.dirname, '..')
const { values } = parseArgs({ options: { out: { type: 'string' }, layout: { type: 'string' } } })
if (!values.out) {
  console.error('Usage: npm run device-programs -- --out DIR [--layout NAME|FILE]')
  process.exit(2)
}
const layout = await loadLayout(values.layout ?? DEFAULT_LAYOUT.name)
if (!layout.ok) {
  for (const refusal of layout.refusals) console.error(explain(refusal).message, explain(refusal).remedy)
  process.exit(3)
}

/** Of the sources, so that the same sources give the same bytes: SOURCE_DATE_EPOCH, else the last commit's. */
function sourceDate(): Date {
  const epoch = process.env.SOURCE_DATE_EPOCH
  const seconds =
    epoch ?? execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8', timeout: 10_000 })
  return new Date(Number(seconds) * 1000)
}

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const files = await makeProgramsTree({
  outDir: resolve(values.out),
  layout: layout.value,
  version,
  buildDate: sourceDate(),
})
console.log(`${files.length} files for layout ${layout.value.name} in ${values.out}`)
