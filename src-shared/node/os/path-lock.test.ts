import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { noteCodes } from '#testing/noted-codes.ts'
import { createDiskFile, openFileDevice } from '../disk/file-device.ts'
import { lockFolder, lockPath } from './path-lock.ts'

const REPO = join(import.meta.dirname, '../../..')
// The test runner's own temporary folder is closed to others.
const folder = mkdtempSync(join(process.platform === 'linux' ? '/var/tmp' : tmpdir(), 'twinslot-locks-test-'))
const holders = new Set<ChildProcess>()
after(() => {
  for (const child of holders) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})
const NOBODY = 65_534
const busy = (error: unknown) => isEngineError(error, 'disk.busy')
let number = 0
const newKey = () => `test-${process.pid}-${number++}`

/** Another process that holds something until its input ends; says one line when it does, or why not. */
async function holder(expression: string, uid?: number) {
  const code = `
    const lock = await import(${JSON.stringify(join(REPO, 'src-shared/node/os/path-lock.ts'))})
    const file = await import(${JSON.stringify(join(REPO, 'src-shared/node/disk/file-device.ts'))})
    const held = await (async () => ${expression})().catch((error) => error)
    console.log(held instanceof Error ? held.code + ' ' + held.message : 'held')
    await new Promise((done) => process.stdin.on('end', done).resume())
    await held[Symbol.asyncDispose]?.()`
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  holders.add(child)
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return {
    said: String(line),
    async end(signal?: NodeJS.Signals) {
      const gone = once(child, 'exit')
      if (signal) child.kill(signal)
      else child.stdin.end()
      await gone
    },
  }
}

const rootOnLinux = process.platform === 'linux' && process.getuid?.() === 0

test('one holder at a time, within a process and between processes; it is free again however the holder ends', async () => {
  const key = newKey()
  {
    await using _held = await lockPath('/x', key)
    await assert.rejects(lockPath('/x', key), busy)
    const other = await holder(`lock.lockPath('/x', '${key}')`)
    assert.match(other.said, /^disk\.busy/)
    await other.end()
  }
  for (const signal of [undefined, 'SIGKILL'] as const) {
    const other = await holder(`lock.lockPath('/x', '${key}')`)
    assert.equal(other.said, 'held')
    await assert.rejects(lockPath('/x', key), busy)
    await other.end(signal)
    await using _again = await lockPath('/x', key)
  }
})

test('a folder that others may read is locked by its owner all the same, and by nobody else', async (t) => {
  if (!rootOnLinux) return t.skip('needs root, to become somebody else')
  const open = join(folder, 'open')
  chmodSync(folder, 0o755)
  mkdirSync(open)
  chmodSync(open, 0o755)
  const stranger = spawn('flock', [open, 'sh', '-c', 'echo held; cat'], {
    ...{ uid: NOBODY, gid: NOBODY, timeout: 60_000 },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  holders.add(stranger)
  await once(stranger.stdout, 'data')
  {
    await using _mine = await lockFolder(open, 'folder')
    await assert.rejects(lockFolder(open, 'folder'), busy)
    const attack = spawnSync('flock', [join(open, '.lock'), 'true'], { uid: NOBODY, gid: NOBODY, timeout: 10_000 })
    assert.notEqual(attack.status, 0)
  }
  const gone = once(stranger, 'exit')
  stranger.stdin.end()
  await gone
})

test('nobody but the owner can hold a lock: the folder and its files are closed to others', async (t) => {
  if (!rootOnLinux) return t.skip('needs root, to become somebody else')
  const key = newKey()
  await (await lockPath('/x', key))[Symbol.asyncDispose]()
  const { uid, mode } = lstatSync('/run/twinslot-locks')
  assert.deepEqual([uid, mode & 0o777], [0, 0o700])
  const file = `/run/twinslot-locks/${key}.lock`
  const attack = spawnSync('flock', ['--nonblock', file, 'true'], { uid: NOBODY, gid: NOBODY, timeout: 10_000 })
  assert.notEqual(attack.status, 0)
  await using _mine = await lockPath('/x', key)
})

test('a socket with the name that earlier versions used as a lock keeps nobody out', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs abstract sockets')
  const key = newKey()
  const path = join(folder, 'socket.img')
  await (await createDiskFile(path, 1 << 20))[Symbol.asyncDispose]()
  const { dev, ino } = lstatSync(path)
  for (const name of [key, `${dev}-${ino}`]) {
    const squatter = createServer().listen(`\0twinslot-${name}`)
    await once(squatter, 'listening')
    t.after(() => squatter.close())
  }
  await using _lock = await lockPath('/x', key)
  await using _disk = await openFileDevice(path)
})

test('a folder for locks that somebody else made is not used (disk.lock-unsafe)', async (t) => {
  if (!rootOnLinux) return t.skip('needs root, to become somebody else')
  const uid = 64_123
  const made = `/tmp/twinslot-locks-${uid}`
  rmSync(made, { recursive: true, force: true })
  t.after(() => rmSync(made, { recursive: true, force: true }))
  mkdirSync(made)
  chmodSync(made, 0o777)
  const refused = await holder(`lock.lockPath('/x', 'any')`, uid)
  await refused.end()
  noteCodes(refused.said)
  assert.equal(refused.said.split(' ')[0], 'disk.lock-unsafe')
  rmSync(made, { recursive: true })
  const held = await holder(`lock.lockPath('/x', 'any')`, uid)
  await held.end()
  assert.equal(held.said, 'held')
})

test('two users who may write one image file keep each other out, under each of its names', async (t) => {
  if (!rootOnLinux) return t.skip('needs root, to become somebody else')
  chmodSync(folder, 0o755)
  const path = join(folder, 'shared.img')
  await (await createDiskFile(path, 1 << 20))[Symbol.asyncDispose]()
  assert.equal(lstatSync(path).mode & 0o777, 0o600, 'a new image is its maker’s alone')
  chmodSync(path, 0o666)
  const linked = join(folder, 'linked.img')
  spawnSync('ln', [path, linked], { timeout: 10_000 })
  const other = await holder(`file.openFileDevice(${JSON.stringify(linked)})`, NOBODY)
  assert.equal(other.said, 'held')
  await assert.rejects(openFileDevice(path), busy)
  await other.end('SIGKILL')
  await using _disk = await openFileDevice(path)
  const late = await holder(`file.openFileDevice(${JSON.stringify(linked)})`, NOBODY)
  assert.match(late.said, /^disk\.busy/)
  await late.end()
})

test('a lock leaves nothing in the folders that people look at', async () => {
  const path = join(folder, 'clean', 'x.img')
  mkdirSync(join(folder, 'clean'))
  writeFileSync(path, Buffer.alloc(1 << 20))
  await (await openFileDevice(path))[Symbol.asyncDispose]()
  assert.deepEqual(readdirSync(join(folder, 'clean')), ['x.img'])
  assert.ok(existsSync(path))
})

test('of a lock is told what is known: that somebody has it, not that they write', async (t) => {
  if (!rootOnLinux) return t.skip('needs root on Linux, to become somebody else')
  chmodSync(folder, 0o755)
  const path = join(folder, 'seen-by-all.img')
  await (await createDiskFile(path, 1_000_000))[Symbol.asyncDispose]()
  chmodSync(path, 0o644)
  const hold = `import fs from 'node:fs'
    import { spawnSync } from 'node:child_process'
    const fd = fs.openSync(${JSON.stringify(path)}, 'r')
    spawnSync('flock', ['--shared', '3'], { stdio: ['ignore', 'inherit', 'inherit', fd], timeout: 10000 })
    console.log('held')
    process.stdin.resume()`
  const reader = spawn(process.execPath, ['--input-type=module', '-e', hold], {
    ...{ stdio: ['pipe', 'pipe', 'inherit'], uid: NOBODY, gid: NOBODY, timeout: 60_000, killSignal: 'SIGKILL' },
  })
  holders.add(reader)
  await once(createInterface({ input: reader.stdout ?? assert.fail() }), 'line')
  await assert.rejects(openFileDevice(path), (error: unknown) => {
    assert.ok(busy(error))
    assert.equal(String(error), `EngineError: The disk ${path} is in use: another program has locked it.`)
    return true
  })
  const gone = once(reader, 'exit')
  reader.stdin?.end()
  await gone
  await (await openFileDevice(path))[Symbol.asyncDispose]()
})
