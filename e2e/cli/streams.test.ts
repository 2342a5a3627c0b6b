// A job's life does not hang on who watches it: readers that die, stand still or have no room left, terminals that go
// away, a starter without a name or a working directory. The disk, the report and the exit code tell the same story.
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { noteCodes } from '#testing/noted-codes.ts'
import { openRoom, type Room } from './bench-room.ts'
import { hasTerminal } from './terminal.ts'
import { REPO } from './twinslot.ts'

const TWINSLOT = `${REPO}/bin/twinslot`
let room: Room

before(async () => {
  room = await openRoom()
})
after(async () => {
  await room[Symbol.asyncDispose]()
})

const provision = (disk: string) => [
  ...['provision', room.path(disk), '--create', '192MiB', '--layout', room.path('small.yaml')],
  ...['--release', room.release, '--trust', room.trust, '--yes'],
]
const environment = (state: string) => ({ ...process.env, NO_COLOR: '1', TWINSLOT_STATE: room.path(state) })

type Outs = ['ignore', number | 'pipe' | 'ignore', number | 'pipe' | 'ignore']

const start = (args: readonly string[], state: string, stdio: Outs): ChildProcess =>
  spawn(TWINSLOT, args, { env: environment(state), stdio, timeout: 120_000, killSignal: 'SIGKILL' })

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => child.on('error', reject).on('exit', (exit) => resolve(exit)))

interface Report {
  readonly outcome: string
  readonly plan: { readonly disk: { readonly path: string } }
  readonly error: { readonly code: string } | null
}

/** The one report below `state`; waits for it, since nobody may be left who would say that it is there. */
async function reportIn(state: string): Promise<Report> {
  const folder = room.path(`${state}/reports`)
  for (let look = 0; look < 1200; look++) {
    const [file] = existsSync(folder) ? readdirSync(folder) : []
    const text = file ? readFileSync(`${folder}/${file}`, 'utf8') : ''
    if (text.endsWith('}\n')) return JSON.parse(text) as Report
    await delay(50)
  }
  throw new Error(`no report below ${state} within a minute`)
}

async function isWhole(disk: string): Promise<void> {
  const checked = await room.run([
    'verify',
    room.path(disk),
    '--slot',
    'A',
    '--release',
    room.release,
    '--trust',
    room.trust,
  ])
  assert.equal(checked.exit, 0, JSON.stringify(checked.result))
  assert.match(execFileSync('sgdisk', ['-v', room.path(disk)], { encoding: 'utf8', timeout: 60_000 }), /No problems/)
}

for (const words of [[], ['--json']])
  test(`the reader dies after the first words ${words}: the disk is finished, the report is there, exit 0`, async () => {
    const name = `reader${words.length}`
    const child = start([...provision(`${name}.img`), ...words], name, ['ignore', 'pipe', 'pipe'])
    child.stdout?.once('data', () => child.stdout?.destroy())
    child.stderr?.destroy()
    assert.equal(await ended(child), 0)
    assert.equal((await reportIn(name)).outcome, 'done')
    await isWhole(`${name}.img`)
  })

test('output on a full disk: the job is finished and reported all the same, exit 0', async () => {
  const full = openSync('/dev/full', 'w')
  const child = start([...provision('full.img'), '--json'], 'full', ['ignore', full, full])
  closeSync(full)
  assert.equal(await ended(child), 0)
  assert.equal((await reportIn('full')).outcome, 'done')
  await isWhole('full.img')
})

test('an answer that is nothing but words and cannot be written is exit 1; a reader that had enough is none', () => {
  const run = (to: string) =>
    spawnSync('sh', ['-c', `"${TWINSLOT}" help ${to}`], { encoding: 'utf8', timeout: 60_000, env: environment('x') })
  const full = run('> /dev/full')
  assert.equal(full.status, 1)
  noteCodes(full.stderr)
  assert.ok(full.stderr.includes('cli.output-lost'), full.stderr)
  const enough = spawnSync('bash', ['-c', `"${TWINSLOT}" help | true; exit "\${PIPESTATUS[0]}"`], { timeout: 60_000 })
  assert.equal(enough.status, 0)
  assert.equal(run('>&-').status, 0)
})

test('a reader that stands still makes nobody wait: the job ends before the first word is read', async () => {
  const gate = room.path('gate')
  execFileSync('mkfifo', [gate], { timeout: 60_000 })
  // Node throws away what nobody has read when a child ends: the reader is a program of its own, and waits for us.
  const script = 'set -o pipefail; "$@" 2>/dev/null | { read -r word < "$0"; cat; }'
  const child = spawn(
    'timeout',
    ['-s', 'KILL', '120', 'bash', '-c', script, gate, TWINSLOT, ...provision('slow.img'), '--json'],
    {
      env: environment('slow'),
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const closed = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  assert.equal((await reportIn('slow')).outcome, 'done')
  assert.equal(text, '')
  await writeFile(gate, 'go\n')
  assert.equal(await closed, 0)
  assert.match(text.trimEnd().split('\n').at(-1) ?? '', /"type":"result","ok":true/)
})

/** Closes the terminal as soon as the disk is written. */
async function hungUp(name: string): Promise<Report> {
  const command = [TWINSLOT, ...provision(`${name}.img`)].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...environment(name), TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let screen = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    screen += chunk
    if (/▸ 1\/[2-9]/.test(screen)) child.kill('SIGKILL')
  })
  return await reportIn(name)
}

test('a terminal that goes away is a cancel: no finished-looking disk, and a report that says so', async (t) => {
  if (!hasTerminal()) return t.skip('no `script` here')
  let report = await hungUp('hangup')
  // A busy machine may deliver the signal when everything is done already.
  for (let again = 1; again < 20 && report.outcome === 'done'; again++) report = await hungUp(`hangup${again}`)
  assert.equal(report.outcome, 'failed')
  assert.equal(report.error?.code, 'job.cancelled')
  assert.equal((await room.run(['inspect', report.plan.disk.path])).result.table ?? null, null)
})

test('under nohup a hang-up asks nothing: the job goes on to its end', async () => {
  const args = [TWINSLOT, ...provision('nohup.img'), '--json']
  const child = spawn('nohup', args, { env: environment('nohup'), stdio: ['ignore', 'pipe', 'ignore'] })
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (chunk.includes('step-started')) child.kill('SIGHUP')
  })
  assert.equal(await ended(child), 0)
  assert.equal((await reportIn('nohup')).outcome, 'done')
})

test('a deleted working directory and a user without a name are no faults of ours', async () => {
  mkdirSync(room.path('gone'))
  const here = { cwd: room.path('gone'), encoding: 'utf8', timeout: 60_000 } as const
  const script = `rmdir "${room.path('gone')}"; "${TWINSLOT}" disks --json; "${TWINSLOT}" inspect x.img --json`
  const gone = spawnSync('sh', ['-c', script], { ...here, env: environment('gone') })
  assert.doesNotMatch(gone.stdout + gone.stderr, /cli\.bug/)
  assert.match(gone.stdout, /"code":"disk\.not-found"/)
  if (existsSync(room.path('gone'))) rmdirSync(room.path('gone'))
})
