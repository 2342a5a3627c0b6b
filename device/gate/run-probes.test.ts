// The probes against the real thing: a PostgreSQL, an HTTP server, programs that hang or shout, this kernel's mounts.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { ProbeSpec } from '#model/health.ts'
import { builtinLayout } from '#model/layouts.ts'
import { findTool, requireTool, runTool } from '#node/os/run-tool.ts'
import type { ProbeContext } from './builtin-probes.ts'
import { mountProblems, mountsOfLayout } from './mount-check.ts'
import { parseProbes } from './probe-list.ts'
import { probeOnce, runProbes } from './run-probes.ts'

const folder = mkdtempSync(join(tmpdir(), 'gate-probes-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const KEY = 'secret-key-0123456789'

function context(changes: Partial<ProbeContext> = {}): ProbeContext {
  return {
    paths: { state: folder, config: folder, boot: folder, etc: folder, proc: '/proc', sys: '/sys', dev: '/dev' },
    server: null,
    signal: new AbortController().signal,
    sleep: () => wait(5),
    ...changes,
  }
}

const server = (endpoint: string) => ({
  endpoint,
  siteId: 's',
  applianceId: 'a',
  apiKey: KEY,
  ca: null,
  pollSeconds: 60,
})

function probesIn(list: string): readonly ProbeSpec[] {
  const { probes, findings } = parseProbes(`health_checks: [${list}]`)
  assert.deepEqual(findings, [])
  return probes
}

/** The result of one probe. */
async function ask(entry: string, changes: Partial<ProbeContext> = {}) {
  const results = await runProbes(probesIn(`{name: it, ${entry}}`), context(changes))
  return results.it
}

async function serving(listener: RequestListener): Promise<{ url: string } & AsyncDisposable> {
  const http = createServer(listener)
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  const { port } = http.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections()
      await new Promise((done) => http.close(done))
    },
  }
}

test("results have the specification's shape: passed, error and usage_percent, ours behind them", async () => {
  const results = await runProbes(
    probesIn(
      `{name: good, command: "true"}, {name: bad, command: "false"}, {name: disk, builtin: disk, options: {limit_percent: 1, path: "${folder}"}}`,
    ),
    context(),
  )
  assert.deepEqual(Object.keys(results), ['good', 'bad', 'disk'])
  assert.deepEqual({ ...results.good, duration_ms: 0 }, { passed: true, critical: true, duration_ms: 0 })
  assert.equal(results.bad.error, 'false ended with 1')
  assert.ok(Number.isInteger(results.disk.usage_percent))
})

test('network asks the server for /health: 200 passes, anything else and nobody there fails, and no key is sent', async () => {
  let status = 200
  const seen: string[] = []
  let url: string
  {
    await using http = await serving((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization ?? 'none'}`)
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('x')
    })
    url = http.url
    assert.equal((await ask('builtin: network', { server: server(url) })).passed, true)
    for (status of [503, 204, 302]) {
      const { passed, error } = await ask('builtin: network', { server: server(url) })
      assert.equal(passed, false)
      assert.match(error ?? '', status === 302 ? /./ : new RegExp(`answered ${status}`))
    }
    assert.deepEqual(new Set(seen), new Set(['/health none']))
  }
  assert.equal((await ask('builtin: network', { server: server(url) })).passed, false)
  assert.match((await ask('builtin: network')).error ?? '', /No fleet server is configured/)
})

test('api asks its own address; a server that takes the request and says nothing is left at the time limit', async () => {
  await using http = await serving((request, response) => {
    if (request.url === '/health') response.end('ok')
  })
  assert.equal((await ask(`builtin: api, options: {url: "${http.url}/health"}`)).passed, true)
  const silent = await ask(`builtin: api, timeout: 300ms, options: {url: "${http.url}/silent"}`)
  assert.equal(silent.passed, false)
})

test('a service that comes up late passes within retry_for, and is asked no more than once without it', async () => {
  let asked = 0
  await using http = await serving((_, response) => response.writeHead(++asked < 4 ? 503 : 200).end())
  const entry = `builtin: api, retry_for: 60s, options: {url: "${http.url}/health"}`
  assert.equal((await ask(entry)).passed, true)
  assert.equal(asked, 4)
  asked = 0
  const once = await probeOnce(probesIn(`{name: it, ${entry}}`), context())
  assert.deepEqual([once.it.passed, asked], [false, 1])
})

test('probes run side by side: the slow one does not hold up the others', async () => {
  const order: string[] = []
  const done = join(folder, 'quick-done')
  const [slow, quick] = [join(folder, 'slow'), join(folder, 'quick')]
  writeFileSync(slow, `#!/bin/sh\nwhile [ ! -e ${done} ]; do sleep 0.02; done\nsleep 0.3\n`, { mode: 0o755 })
  writeFileSync(quick, `#!/bin/sh\ntouch ${done}\n`, { mode: 0o755 })
  const list = `{name: slow, command: "${slow}"}, {name: quick, command: "${quick}"}`
  await runProbes(probesIn(list), context({ onResult: (name) => order.push(name) }))
  assert.deepEqual(order, ['quick', 'slow'])
})

/** Kept by the program of the probe: its process id and that of its child. */
const pidsIn = (file: string) => readFileSync(file, 'utf8').trim().split('\n').map(Number)
const alive = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

test('a program that hangs is ended at its time limit, together with its children', async () => {
  const script = join(folder, 'hang')
  const pids = join(folder, 'pids')
  writeFileSync(script, `#!/bin/sh\nsleep 600 &\necho "$$\n$!" >${pids}\nwait\n`, { mode: 0o755 })
  await timesOut(script, pids)
  await assertEnded(pidsIn(pids))
})

test('a program whose child escapes with the output still open holds nothing up', async (t) => {
  if (!(await findTool('setsid'))) return t.skip('needs setsid')
  const script = join(folder, 'escape')
  const pid = join(folder, 'escaped')
  writeFileSync(script, `#!/bin/sh\nsetsid sh -c 'echo $$ >${pid}; exec sleep 600' &\nsleep 600\n`, { mode: 0o755 })
  await timesOut(script, pid)
  await assertEnded(pidsIn(pid))
})

/** Asks a program that never answers; again with more time where a busy machine ended it before it had begun. */
async function timesOut(script: string, pids: string): Promise<void> {
  for (let seconds = 0.5; seconds < 60 && !(existsSync(pids) && statSync(pids).size > 0); seconds *= 4) {
    const { passed, error } = await ask(`command: "${script}", timeout: ${seconds * 1000}ms`)
    assert.deepEqual([passed, error], [false, `no answer within ${seconds} s`])
  }
}

async function assertEnded(pids: readonly number[]): Promise<void> {
  assert.ok(pids.length > 0)
  for (const pid of pids) {
    for (let i = 0; alive(pid) && i < 500; i++) await wait(20)
    assert.equal(alive(pid), false)
  }
}

test('the exit code decides, whatever holds the output open; nothing that the program started goes on', async (t) => {
  if (!(await findTool('setsid'))) return t.skip('needs setsid')
  const sleeper = (pid: string) => `sh -c 'echo $$ >>${pid}; exec sleep 600' &`
  const ways = {
    child: sleeper,
    quiet: (pid: string) => sleeper(pid).replace(' &', ' >/dev/null 2>&1 </dev/null &'),
    session: (pid: string) => `setsid ${sleeper(pid)}`,
    orphan: (pid: string) => `(setsid ${sleeper(pid)} ) & wait $!`,
    stubborn: (pid: string) => `setsid sh -c 'trap "" TERM HUP PIPE; echo $$ >>${pid}; while :; do sleep 1; done' &`,
  }
  for (const [name, way] of Object.entries(ways))
    for (const code of [0, 3]) {
      const pids = join(folder, `left-${name}-${code}`)
      const script = join(folder, `leaves-${name}-${code}`)
      const body = `${way(pids)}\nwhile [ ! -s ${pids} ]; do sleep 0.02; done\necho last words\nexit ${code}\n`
      writeFileSync(script, `#!/bin/sh\n${body}`, { mode: 0o755 })
      const { passed, error } = await ask(`command: "${script}", timeout: 30s`)
      assert.deepEqual([passed, error], code ? [false, `${script} ended with 3: last words`] : [true, undefined], name)
      await assertEnded(pidsIn(pids))
    }
})

test('a program that prints 100 MB is judged by its exit code, and only the end of its output is kept', async () => {
  assert.equal((await ask('command: "head -c 100000000 /dev/zero"')).passed, true)
  const script = join(folder, 'shouts')
  writeFileSync(script, '#!/bin/sh\nhead -c 9000000 /dev/zero\necho\necho so it is\nexit 4\n', { mode: 0o755 })
  assert.equal((await ask(`command: "${script}"`)).error, `${script} ended with 4: so it is`)
})

test('a program that prints for ever is ended when its time is up', async () => {
  const { passed, error } = await ask('command: "yes", timeout: 700ms')
  assert.deepEqual([passed, error], [false, 'no answer within 0.7 s'])
})

test('a program that is missing, killed or stopped is a failed probe, never an error of the gate', async () => {
  assert.match((await ask('command: "no-such-program-here"')).error ?? '', /no-such-program-here/)
  const script = join(folder, 'suicide')
  writeFileSync(script, '#!/bin/sh\nkill -9 $$\n', { mode: 0o755 })
  assert.match((await ask(`command: "${script}"`)).error ?? '', /SIGKILL/)
  assert.equal((await ask('command: "true"', { signal: AbortSignal.abort() })).passed, false)
})

test("the appliance's key never gets out through what a probe says, and neither do control characters", async () => {
  const script = join(folder, 'leak')
  writeFileSync(script, `#!/bin/sh\nprintf 'first\\nkey is ${KEY}\\033[31m red' >&2\nexit 1\n`, { mode: 0o755 })
  const { error } = await ask(`command: "${script}"`, { server: server('http://127.0.0.1:1') })
  assert.match(error ?? '', /ended with 1: key is \*\*\* \[31m red$/)
})

/** An empty PostgreSQL of the test's own on a socket in its folder; null with the reason when there is none here. */
async function startPostgres(): Promise<{ socket: string; port: number; stop(): Promise<void> } | string> {
  const [initdb] = globSync('/usr/lib/postgresql/*/bin/initdb').sort().reverse()
  if (!initdb || !(await findTool('pg_isready'))) return 'needs PostgreSQL'
  const root = process.getuid?.() === 0
  if (root && !(await findTool('runuser'))) return 'needs runuser: PostgreSQL does not run as root'
  // Not in the runner's own temporary folder, which is closed to other users; PostgreSQL does not run as root.
  const socket = mkdtempSync('/tmp/twinslot-pg-')
  const data = join(socket, 'data')
  mkdirSync(data, { mode: 0o700 })
  chmodSync(socket, 0o755)
  let command = (program: string, args: string[]): [string, string[]] => [program, args]
  if (root) {
    const { stdout } = await requireTool('id', ['-u', 'postgres'], { timeoutMs: 10_000 })
    const { stdout: group } = await requireTool('id', ['-g', 'postgres'], { timeoutMs: 10_000 })
    for (const path of [socket, data]) chownSync(path, Number(stdout), Number(group))
    command = (program, args) => ['runuser', ['-u', 'postgres', '--', program, ...args]]
  }
  const [init, initArgs] = command(initdb, [
    '-D',
    data,
    '-A',
    'trust',
    '-U',
    'hypernet',
    '--no-sync',
    '-E',
    'UTF8',
    '--locale=C',
  ])
  await requireTool(init, initArgs, { timeoutMs: 60_000, cwd: socket })
  // Without TCP the port is only part of the socket's name.
  const port = 54321
  const options = ['-D', data, '-k', socket, '-p', String(port), '-c', 'listen_addresses=', '-F']
  const [program, args] = command(initdb.replace(/initdb$/, 'postgres'), options)
  const child = spawn(program, args, { stdio: 'ignore', cwd: socket })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  return {
    socket,
    port,
    async stop() {
      const file = join(data, 'postmaster.pid')
      if (existsSync(file)) process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGINT')
      await ended
      rmSync(socket, { recursive: true, force: true })
    },
  }
}

test('database: pg_isready against a real PostgreSQL that comes up, and that is gone again', async (t) => {
  const postgres = await startPostgres()
  if (typeof postgres === 'string') return t.skip(postgres)
  const { socket, port } = postgres
  const options = `options: {host: "${socket}", port: ${port}, user: hypernet}`
  const command = `command: "pg_isready -U hypernet -h ${socket} -p ${port}"`
  try {
    const up = await runProbes(
      probesIn(
        `{name: builtin, builtin: database, retry_for: 60s, ${options}}, {name: command, ${command}, retry_for: 60s}`,
      ),
      context({ sleep: () => wait(200) }),
    )
    assert.deepEqual([up.builtin.passed, up.command.passed], [true, true], JSON.stringify(up))
  } finally {
    await postgres.stop()
  }
  const down = await ask(`builtin: database, ${options}`)
  assert.equal(down.passed, false)
  assert.match(down.error ?? '', /pg_isready ended with 2: .*no response/)
  assert.equal((await ask(command)).passed, false)
})

/** Runs with programs of the test first on the PATH. */
async function withPrograms<T>(programs: Readonly<Record<string, string>>, act: () => Promise<T>): Promise<T> {
  const bin = mkdtempSync(join(folder, 'bin-'))
  for (const [name, script] of Object.entries(programs))
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const before = process.env.PATH
  process.env.PATH = `${bin}:${before}`
  try {
    return await act()
  } finally {
    process.env.PATH = before
  }
}

test('ntp believes the first that answers: timedatectl, chronyc, adjtimex', async () => {
  const answer = (programs: Record<string, string>) =>
    withPrograms({ timedatectl: 'exit 1', chronyc: 'exit 1', adjtimex: 'exit 1', ...programs }, async () => {
      const { passed, critical } = await ask('builtin: ntp')
      assert.equal(critical, false)
      return passed
    })
  assert.equal(await answer({ timedatectl: 'echo yes' }), true)
  assert.equal(await answer({ timedatectl: 'echo no', chronyc: 'echo "x,Normal"' }), false)
  assert.equal(await answer({ chronyc: 'echo "C0A80101,192.168.1.1,2,0.0,Normal"' }), true)
  assert.equal(await answer({ chronyc: 'echo "00000000,,0,0.0,Not synchronised"' }), false)
  assert.equal(await answer({ adjtimex: 'echo "    status:  8192   "' }), true)
  assert.equal(await answer({ adjtimex: 'echo "    status:  8256   "' }), false)
  assert.equal(await answer({}), false)
})

test('agent asks systemd for the unit', async () => {
  const state = (script: string) => withPrograms({ systemctl: script }, () => ask('builtin: agent'))
  assert.equal((await state('[ "$*" = "is-active twinslot-agent.service" ] && echo active')).passed, true)
  assert.equal((await state('echo failed; exit 3')).error, 'twinslot-agent.service is failed')
})

test('disk counts like df: usage_percent is what is used of what anybody may use', async () => {
  const { usage_percent } = await ask(`builtin: disk, options: {path: "${folder}"}`)
  const { stdout } = await runTool('df', ['--output=pcent', folder], { timeoutMs: 10_000 })
  // Others write here meanwhile: one percent more or less is no difference.
  assert.ok(Math.abs((usage_percent ?? -9) - Number.parseInt(stdout.split('\n')[1], 10)) <= 1)
  assert.match((await ask('builtin: disk, options: {path: "/no/such/folder"}')).error ?? '', /no such|ENOENT/i)
})

const MOUNTINFO = `22 1 8:2 / / ro,relatime - squashfs /dev/sda2 ro
30 22 8:1 / /boot ro,nosuid,nodev,noexec,relatime - vfat /dev/sda1 ro,fmask=0077
31 22 8:4 / /var/lib/msp rw,nosuid,nodev,noexec,relatime - ext4 /dev/sda4 rw
33 22 8:4 /config /config rw,nosuid,nodev,noexec,relatime - ext4 /dev/sda4 rw
32 22 0:50 / /with\\040blank rw,nosuid - tmpfs tmpfs rw
`
test('mounts: each partition of the layout is there with its options, told one by one', () => {
  const expected = mountsOfLayout(builtinLayout('hp-t640') ?? assert.fail())
  assert.deepEqual(Object.keys(expected), ['/boot', '/var/lib/msp', '/config'])
  assert.deepEqual(mountProblems(MOUNTINFO, expected), [])
  assert.deepEqual(
    mountProblems(MOUNTINFO.replace('/var/lib/msp rw,nosuid,nodev,noexec', '/var/lib/msp rw,nosuid'), expected),
    ['/var/lib/msp lacks nodev, noexec'],
  )
  assert.deepEqual(mountProblems(MOUNTINFO.replace(/^31.*$/m, ''), expected), ['/var/lib/msp is not mounted'])
  // An ext4 that met an error is read-only below a mount that still says rw.
  assert.deepEqual(mountProblems(MOUNTINFO.replace('/dev/sda4 rw', '/dev/sda4 ro'), expected), [
    '/var/lib/msp lacks rw',
  ])
  // What was mounted later lies on top.
  assert.deepEqual(mountProblems(`${MOUNTINFO}40 22 0:9 / /boot rw - tmpfs tmpfs rw\n`, expected).length, 1)
  assert.deepEqual(mountProblems(MOUNTINFO, { '/': ['ro'], '/with blank': ['rw'], '/proc': [] }), [
    '/proc is not mounted',
  ])
  const server = mountsOfLayout(builtinLayout('hypernet-server') ?? assert.fail())
  assert.deepEqual(Object.keys(server), ['/boot', '/config', '/data', '/media', '/logs', '/cache'])
})

test("the mounts probe reads the kernel's own list", async () => {
  assert.equal((await ask('builtin: mounts, options: {mounts: {/proc: [rw]}}')).passed, true)
  const { error } = await ask('builtin: mounts, options: {layout: hypernet-server}')
  assert.match(error ?? '', /\/data is not mounted/)
})

test('config fails with what is wrong in the files, and does not ask for a fleet where there is none', async () => {
  const etc = join(folder, 'etc')
  mkdirSync(etc)
  const paths = { ...context().paths, etc, config: join(folder, 'conf'), state: join(folder, 'state') }
  mkdirSync(paths.state)
  writeFileSync(join(etc, 'device.yaml'), 'product: box\n')
  writeFileSync(join(etc, 'probes.yaml'), 'health_checks: [{name: a, command: "true"}]\n')
  const good = await ask('builtin: config', { paths })
  assert.deepEqual([good.passed, good.error], [true, undefined])
  writeFileSync(join(paths.state, 'config.yaml'), 'site_id: [\n')
  assert.equal((await ask('builtin: config', { paths })).passed, false)
})
