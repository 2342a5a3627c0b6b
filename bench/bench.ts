// `npm run bench`: measures the copy pipeline against the peers in one interleaved run and writes docs/bench.md.
// `-- --quick` takes an eighth of the sizes and two rounds, and writes nothing. `-- --only NAME,...` runs some rows.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findTool } from '#node/os/run-tool.ts'
import { batch } from './batch-rows.ts'
import { authenticate, start } from './cli-rows.ts'
import { reportOf } from './report.ts'
import { compressed, dense, eight, hasEtcher, holes, limited, memory, type Row, type Settings } from './rows.ts'
import { unit } from './unit-rows.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const say = (text: string) => process.stderr.write(`${text}\n`)

const ROWS: Record<string, (settings: Settings) => Promise<Row | Row[]>> = {
  unit,
  batch,
  dense,
  holes,
  compressed,
  eight,
  limited,
  memory,
  authenticate,
  start,
}

/** etcher-sdk stays out of our own dependencies: it is installed aside, with the one package replaced that comes from GitHub. */
function installEtcher(folder: string): string | null {
  if (hasEtcher(folder)) return folder
  mkdirSync(folder, { recursive: true })
  const wanted = { private: true, dependencies: { 'etcher-sdk': '10.2.15' }, overrides: { 'unbzip2-stream': '1.4.3' } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(wanted, null, 2))
  say('installing etcher-sdk (once, about a minute)')
  try {
    execFileSync('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'ignore', timeout: 600_000 })
  } catch {
    say('etcher-sdk does not install here: its column is left out')
  }
  return hasEtcher(folder) ? folder : null
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, rounds: { type: 'string' } },
  })
  if (process.getuid?.() !== 0 || !(await findTool('losetup'))) {
    say('The benchmark writes to loop devices: it needs Linux and root.')
    return 3
  }
  const cache = join(root, '.cache', 'bench')
  const folder = join(cache, 'work')
  mkdirSync(folder, { recursive: true })
  process.env.NODE_COMPILE_CACHE ??= join(root, '.cache', 'compile')
  const hasRauc = (await findTool('rauc')) !== null && (await findTool('dbus-daemon')) !== null
  const settings: Settings = {
    folder,
    rounds: Number(values.rounds ?? (values.quick ? 2 : 3)),
    shrink: values.quick ? 8 : 1,
    etcher: installEtcher(join(cache, 'etcher')),
    rauc: hasRauc,
  }
  const notes: string[] = []
  if (!settings.etcher) notes.push('etcher-sdk does not install here: its rows are missing.')
  if (!hasRauc) notes.push('RAUC (or dbus-daemon) is not installed here: its row is missing.')
  const wanted = values.only?.split(',') ?? Object.keys(ROWS)
  const rows: Row[] = []
  for (const name of wanted) {
    say(`${name}:`)
    rows.push(...[await ROWS[name](settings)].flat())
  }
  const report = reportOf(rows, { date: new Date(), rounds: settings.rounds, notes })
  process.stdout.write(report)
  if (!values.quick && !values.only) writeFileSync(join(root, 'docs', 'bench.md'), report)
  const missed = rows.flatMap((row) => row.targets).filter(({ ratio, limit }) => ratio > limit)
  say(missed.length === 0 ? 'all targets met' : `${missed.length} targets missed`)
  return 0
}

process.exitCode = await main()
