// What a recovery stick is set up with (build/packaging/twinslot-kiosk.*): the unit starts a program that is there with options
// that it knows, and polkit's rule lets exactly the console's runner through. systemd itself judges the unit where it is there.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { developmentRunner } from '#host/runner-command.ts'
import { findTool, runTool } from '#node/os/run-tool.ts'

const REPO = join(import.meta.dirname, '..')
const STICK = '/opt/twinslot'
const unit = readFileSync(join(import.meta.dirname, 'packaging/twinslot-kiosk.service'), 'utf8')
const rules = readFileSync(join(import.meta.dirname, 'packaging/twinslot-kiosk.rules'), 'utf8')
const root = mkdtempSync(join(tmpdir(), 'twinslot-unit-'))
after(() => rmSync(root, { recursive: true, force: true }))

interface Asked {
  readonly id?: string
  readonly user?: string
  readonly local?: boolean
  readonly line: string
}

/** What polkit would answer with our rule alone. */
function polkit({ id = 'org.freedesktop.policykit.exec', user = 'twinslot', local = true, line }: Asked): unknown {
  let rule: (action: object, subject: object) => unknown = () => 'no rule'
  const addRule = (given: typeof rule) => {
    rule = given
  }
  runInNewContext(rules, { polkit: { addRule, Result: { YES: 'yes' } } })
  return rule({ id, lookup: (name: string) => (name === 'command_line' ? line : undefined) }, { user, local })
}

test("polkit's rule lets the runner of /opt/twinslot become root for the person at the screen, and nothing else", () => {
  const { command, args } = developmentRunner()
  const line = [command, ...args].map((each) => each.replace(REPO, STICK)).join(' ')
  assert.equal(polkit({ line }), 'yes')
  const refused: readonly Asked[] = [
    { line: '/bin/sh' },
    { line: `${line} --more` },
    { line: line.replace('main.ts', 'other.ts') },
    // What protects writes is not the kiosk's to change.
    { line: `${line.replace('main.ts', 'guard.ts')} trust` },
    { line: '/usr/lib/twinslot/twinslot-guard trust', id: 'org.twinslot.guard' },
    { line, user: 'other' },
    { line, local: false },
    { line, id: 'org.freedesktop.login1.reboot' },
  ]
  for (const asked of refused) assert.equal(polkit(asked), undefined, JSON.stringify(asked))
})

test('the unit starts what is in the checkout, with options that it knows, and waits for a step to end', async () => {
  const [, program = '', ...args] = /^ExecStart=\S+ -- (.+)$/m.exec(unit)?.[1].replaceAll(STICK, REPO).split(' ') ?? []
  assert.ok(existsSync(program), program)
  const { stdout } = await runTool(process.execPath, [program, '--help'], { timeoutMs: 60_000 })
  for (const option of args) assert.ok(stdout.includes(option), option)
  assert.ok(Number(/TimeoutStopSec=(\d+)/.exec(unit)?.[1]) > 60, 'host/console.ts waits a minute for jobs')
})

test('systemd finds nothing wrong with the unit', async (t) => {
  if (!(await findTool('systemd-analyze'))) return t.skip('needs systemd-analyze')
  // Programs and user of the stick are not here; everything else is judged as it is.
  const path = join(root, 'twinslot-kiosk.service')
  writeFileSync(path, unit.replace(/\/usr\/bin\/cage -- .*/, '/bin/true').replace('User=twinslot', 'User=root'))
  const { code, stderr } = await runTool('systemd-analyze', ['verify', path], { timeoutMs: 60_000 })
  const about = stderr.split('\n').filter((line) => line.includes('twinslot-kiosk'))
  assert.deepEqual([code, about], [0, []], stderr)
})
