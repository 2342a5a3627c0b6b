import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { steadyStream } from './steady-stream.ts'

const ROOT = resolve(import.meta.dirname, '..', '..', '..')
const failing = (code: string) =>
  new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) })

test('whatever breaks a stream is remembered, and no write throws, before and after it', async () => {
  for (const code of ['EPIPE', 'ENOSPC', 'EIO', 'EBADF', 'ECONNRESET']) {
    const stream = steadyStream(failing(code))
    stream.write('one')
    await stream.settled()
    assert.equal(stream.lost, code)
    assert.equal(stream.write('two'), false)
    await stream.settled()
  }
})

test('a write that throws at once is a lost stream as well', async () => {
  const stream = steadyStream({
    writableLength: 0,
    on: () => {},
    write() {
      throw Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' })
    },
  })
  assert.equal(stream.write('one'), false)
  assert.equal(stream.lost, 'EAGAIN')
})

test('a reader that stands still is told as being behind, and nothing is lost', () => {
  const still = new Writable({ highWaterMark: 1, write() {} })
  const stream = steadyStream(still)
  stream.write('x'.repeat(2 << 20))
  stream.write('y')
  assert.deepEqual([stream.behind, stream.lost], [true, null])
})

test('no program writes to a standard stream past the steady ones', () => {
  const sources = globSync('{src-shared,cli,device,host,electron}/**/*.ts', { cwd: ROOT }).filter(
    (file) => !/\.test\.ts$|^src-shared\/(testing|node\/terminal\/steady-stream)|drivelist-child/.test(file),
  )
  assert.ok(sources.length > 300)
  const past = sources.filter((file) => /process\.(stdout|stderr)\b/.test(readFileSync(join(ROOT, file), 'utf8')))
  assert.deepEqual(past, [], 'use steadyStreams() of src-shared/node/terminal/steady-stream.ts')
})
