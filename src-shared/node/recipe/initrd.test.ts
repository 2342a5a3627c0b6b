// The deadline of the initial RAM disk, run as it is written there by the shell that runs it there: whatever a start does, the
// machine restarts unless a verdict comes. Only the places are others.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { findTool } from '#node/os/run-tool.ts'

const SOURCE = join(import.meta.dirname, 'initrd-init')
const LIMIT = { timeout: 120_000 }
let folder = ''
let busybox: string | null = null

before(async () => {
  busybox = await findTool('busybox')
  folder = await mkdtemp(join(tmpdir(), 'twinslot-deadline-'))
})
after(() => rm(folder, { recursive: true, force: true }))

interface Deadline {
  /** Gives the deadline a word. */
  say(word: string): Promise<void>
  /** Its words on the console and what it wrote to the kernel, when it has ended. */
  ended(): Promise<{ readonly console: string; readonly kernel: string }>
}

async function start(t: TestContext, name: string, seconds: number): Promise<Deadline | null> {
  if (!busybox) {
    t.skip('needs busybox')
    return null
  }
  const [pipe, kernel, script] = ['pipe', 'kernel', 'script'].map((each) => join(folder, `${name}-${each}`))
  const source = await readFile(SOURCE, 'utf8')
  const deadline = /^deadline\(\) \{\n[\s\S]*?^\}\n/m.exec(source)?.[0]
  assert.ok(deadline)
  const there = deadline
    .replaceAll('/run/twinslot-deadline', pipe!)
    .replaceAll('/proc/sysrq-trigger', kernel!)
    .replace(/^.*oom_score_adj\n/m, '')
  await writeFile(script!, `mkfifo -m 600 ${pipe}\n${there}\necho begins\ndeadline ${seconds}\n`)
  const child = spawn(busybox, ['sh', script!], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  let console = ''
  const begins = Promise.withResolvers<void>()
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    console += part
    if (console.includes('begins')) begins.resolve()
  })
  const closed = once(child, 'close')
  await begins.promise
  return {
    async say(word) {
      // Opening waits until the deadline has it open.
      await using file = await open(pipe!, 'w')
      await file.write(`${word}\n`)
    },
    async ended() {
      await closed
      return { console, kernel: existsSync(kernel!) ? readFileSync(kernel!, 'utf8') : '' }
    },
  }
}

const RESTARTED = 's\nb\n'

test('a start that says nothing at all is restarted, its disks written before', LIMIT, async (t) => {
  const deadline = await start(t, 'silent', 1)
  if (!deadline) return
  const { console, kernel } = await deadline.ended()
  assert.match(console, /no verdict within 1 s, restarting/)
  assert.equal(kernel, RESTARTED)
})

test('a number gives so many seconds from now, and no other word does', LIMIT, async (t) => {
  const deadline = await start(t, 'number', 900)
  if (!deadline) return
  for (const word of ['verdicts', '0', '-1', '99999', '1']) await deadline.say(word)
  const { console, kernel } = await deadline.ended()
  assert.match(console, /no verdict within 1 s, restarting/)
  assert.equal(kernel, RESTARTED)
})

test('after a verdict nothing is restarted', LIMIT, async (t) => {
  const deadline = await start(t, 'verdict', 900)
  if (!deadline) return
  await deadline.say('verdict')
  const { console, kernel } = await deadline.ended()
  assert.doesNotMatch(console, /restarting/)
  assert.equal(kernel, '')
})
