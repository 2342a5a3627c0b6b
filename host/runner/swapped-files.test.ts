// Names that lead elsewhere from one moment to the next: while the elevated runner opens what a hostile caller names, a process of
// theirs exchanges it without end for a link to a file of root, a pipe, and a folder behind a link. Many rounds through the door
// itself and some through the real program; in none of them anything of somebody else is read or written, whoever wins.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import type { RunnerJob } from '#contract/runner.ts'
import { readConfigBytes, readConfigFolder } from '#node/config/config-folder.ts'
import { readLuksKey } from '#node/config/filesystem-maker.ts'
import { loadLayout } from '#node/job/layout-file.ts'
import { actFor, openNamed, readNamed } from '#node/os/caller.ts'
import { openFileSource, readSmallFile } from '#node/os/file-source.ts'
import { NOBODY, noElevation } from '#testing/elevated-runner.ts'
import {
  closeHostileRoom,
  codesOf,
  flash,
  loop,
  openHostileRoom,
  plan,
  room,
  SECRET,
  theirs,
} from '#testing/hostile-room.ts'

const ROUNDS = 400
const MINE = 'words of the caller'
const skip = await noElevation()
const withDisk = { skip: skip ?? false }
before(async () => {
  if (skip === null) await openHostileRoom()
})
after(async () => {
  if (skip === null) await closeHostileRoom()
})

/** Exchanges `place` for each of the `faces` in turn, by rename, until its input ends; says when it has begun, and at last how often. */
const SWAPPER = `
const fs = require('node:fs')
const [place, ...faces] = process.argv.slice(1)
let round = 0, more = true
process.stdin.on('end', () => { more = false }).resume()
const swap = () => {
  for (let turn = 0; turn < 200; turn++, round++) {
    const [kind, what] = faces[round % faces.length].split('=')
    const fresh = place + '.next'
    if (kind === 'link') fs.symlinkSync(what, fresh)
    else fs.linkSync(what, fresh)
    fs.renameSync(fresh, place)
  }
  if (round === 200) process.stdout.write('begun')
  if (more) setImmediate(swap)
  else process.stdout.write(' ' + round)
}
swap()
`

/** Runs `work` while somebody without rights exchanges `place`; their own failure fails the test. */
async function whileSwapped(place: string, faces: readonly string[], work: () => Promise<void>): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, ['-e', SWAPPER, place, ...faces], {
    stdio: ['pipe', 'pipe', 'inherit'],
    uid: NOBODY,
    gid: NOBODY,
    timeout: 300_000,
    killSignal: 'SIGKILL',
  })
  let told = ''
  const ended = once(child, 'close')
  const begun = new Promise<void>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      told += text
      resolve()
    })
  })
  await Promise.race([begun, ended])
  try {
    await work()
  } finally {
    child.stdin?.end()
    await ended
  }
  assert.match(told, /^begun \d+$/, 'it went on until the end')
}

/** Everything below a folder of root: names, sizes, times and content. */
const stateOf = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const found = lstatSync(`${folder}/${name}`)
      const content = found.isFile() && found.size < 1_000_000 ? readFileSync(`${folder}/${name}`) : ''
      // The time of a folder is not the caller's doing: what lies in it is listed.
      const time = found.isDirectory() ? 0 : found.mtimeMs
      return `${name} ${found.size} ${time} ${createHash('sha256').update(content).digest('hex')}`
    })
    .join('\n')

const mine = (name: string, content: string) => {
  writeFileSync(theirs(name), content)
  chownSync(theirs(name), NOBODY, NOBODY)
  return theirs(name)
}
const isSystem = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ELOOP', 'EACCES'].includes(String(error.code))

test(
  'a name that changes between two looks never leads to what the caller could not open, in any round',
  withDisk,
  async () => {
    const secret = room.path('closed/secret')
    const before = stateOf(room.path('closed'))
    const good = mine('good', MINE)
    const faces = [`file=${good}`, `link=${secret}`, `file=${good}`, `link=${good}`]
    const place = theirs('swapped')
    const doors: readonly (readonly [string, (path: string) => Promise<unknown>])[] = [
      ['readNamed', async (path) => Buffer.from((await readNamed(path, 1000)) ?? 'no file').toString()],
      [
        'openNamed',
        async (path) => {
          await using file = await openNamed(path)
          const bytes = Buffer.alloc(MINE.length)
          await file.read(bytes, 0, bytes.length, 0)
          return bytes.toString()
        },
      ],
      ['readSmallFile', async (path) => Buffer.from((await readSmallFile(path, 1000)) ?? MINE).toString()],
      [
        'openFileSource',
        async (path) => {
          await using source = await openFileSource(path)
          const bytes = Buffer.alloc(MINE.length)
          await source.read(0, bytes)
          return bytes.toString()
        },
      ],
      ['readLuksKey', async (path) => Buffer.from(await readLuksKey(path)).toString()],
      ['loadLayout', async (path) => ((await loadLayout(path)).ok ? 'a layout' : MINE)],
    ]
    await whileSwapped(place, faces, async () => {
      actFor(NOBODY)
      try {
        for (let round = 0; round < ROUNDS; round++)
          for (const [name, read] of doors) {
            const got = await read(place).catch((error: unknown) => {
              assert.ok(isEngineError(error) || isSystem(error), `${name}: ${error}`)
              assert.ok(!JSON.stringify(error).includes(SECRET), name)
              return MINE
            })
            assert.equal(got, MINE, `${name}, round ${round}`)
            assert.equal(process.geteuid?.(), 0)
          }
      } finally {
        actFor(null)
      }
    })
    assert.equal(stateOf(room.path('closed')), before)
  },
)

test(
  'a configuration folder whose parts change while it is read gives the caller’s own files or a refusal, in any round',
  withDisk,
  async () => {
    mkdirSync(theirs('whole'))
    mkdirSync(theirs('whole/part'))
    for (const name of ['whole', 'whole/part']) chownSync(theirs(name), NOBODY, NOBODY)
    const good = mine('whole/good.yaml', MINE)
    const digest = createHash('sha256').update(MINE).digest('hex')
    const read = async () => {
      try {
        const files = await readConfigFolder(theirs('whole'))
        for (const file of files) {
          if (file.path.endsWith('.next')) continue
          assert.equal(file.sha256, digest, file.path)
          assert.equal(Buffer.from(await readConfigBytes(theirs('whole'), file)).toString(), MINE)
        }
      } catch (error) {
        if (!isEngineError(error)) throw error
        assert.match(error.code, /^config\.(?:unreadable|not-plain|changed)$/)
      }
    }
    const rounds = async () => {
      actFor(NOBODY)
      try {
        for (let round = 0; round < ROUNDS; round++) await read()
      } finally {
        actFor(null)
      }
    }
    const secret = room.path('closed/secret')
    await whileSwapped(theirs('whole/a.yaml'), [`file=${good}`, `link=${secret}`], rounds)
    await whileSwapped(theirs('whole/b'), [`link=${room.path('closed')}`, `link=${theirs('whole/part')}`], rounds)
  },
)

test(
  'the elevated runner, asked again and again while its names are exchanged, reads and writes nothing of root for its caller',
  withDisk,
  async () => {
    const target = loop
    assert.ok(target, 'a disk is there')
    const good = theirs('good.twinslot')
    copyFileSync(room.release, good)
    chownSync(good, NOBODY, NOBODY)
    const config = theirs('config')
    const place = theirs('swapped.twinslot')
    const restore: RunnerJob = { kind: 'restore', target, at: '2001', by: 'm', journal: theirs('journal'), config }
    // The runner makes its own folders once.
    codesOf(await plan(restore))
    const before = stateOf(room.path('closed'))
    const allowed =
      /^(?:planned|plan\.not-ab-disk|restore\.no-place|release\.(?:unreadable|not-found)|config\.\w+[\w-]*)$/
    await whileSwapped(place, [`file=${good}`, `link=${room.path('closed/secret')}`], async () => {
      for (let round = 0; round < 4; round++)
        for (const code of codesOf(await plan(flash({ release: place })))) assert.match(code, allowed)
    })
    await whileSwapped(
      theirs('config/config.yaml'),
      [`file=${good}`, `link=${room.path('closed/secret')}`],
      async () => {
        for (let round = 0; round < 4; round++)
          for (const code of codesOf(await plan(restore))) assert.match(code, allowed)
      },
    )
    assert.equal(stateOf(room.path('closed')), before, 'the disk, the lists and the journal are as they were')
  },
)
