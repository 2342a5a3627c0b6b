import assert from 'node:assert/strict'
import { PassThrough, Writable } from 'node:stream'
import { test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { askToConfirm, expectedAnswer, isConfirmed } from './confirm.ts'

const disk = {
  serial: 'S3Z8NB0K4F2A91',
  wwn: null,
  size: 1,
  busPath: 'x',
  path: '/dev/sdb',
  model: null,
  sectorSize: 512,
}
const noWhere = new Writable({ write: (_chunk, _encoding, done) => done() })

function terminal(answer: string, isTTY: boolean) {
  const input = Object.assign(new PassThrough(), { isTTY })
  input.end(`${answer}\n`)
  return { input, output: noWhere }
}

test('the disk is confirmed by the last six characters of its serial, a file by its name', () => {
  assert.equal(expectedAnswer(disk), '4F2A91')
  assert.equal(expectedAnswer({ ...disk, serial: null, path: '/bench/t640.img' }), 't640.img')
  assert.equal(expectedAnswer({ ...disk, serial: '   ', path: '/bench/t640.img' }), 't640.img')
})

test('case and spaces are ignored, an empty or other answer is not', () => {
  assert.equal(isConfirmed('4f2a91', '4F2A91'), true)
  assert.equal(isConfirmed(' 4F2 A91 ', '4F2A91'), true)
  for (const answer of ['', '  ', 'yes', '4F2A9', '4F2A92', 'S3Z8NB0K4F2A91'])
    assert.equal(isConfirmed(answer, '4F2A91'), false)
  assert.equal(isConfirmed('', ''), false)
})

test('a wrong answer is cli.not-confirmed and names both', async () => {
  await assert.rejects(
    askToConfirm([disk], terminal('yes', true), new AbortController().signal),
    (error) => isEngineError(error, 'cli.not-confirmed') && /"yes".*"4F2A91"/.test(error.message),
  )
  await askToConfirm([disk], terminal('4f2a91', true), new AbortController().signal)
})

test('without a terminal nothing is asked and nothing is assumed: cli.no-terminal', async () => {
  await assert.rejects(askToConfirm([disk], terminal('4F2A91', false), new AbortController().signal), (error) =>
    isEngineError(error, 'cli.no-terminal'),
  )
})

test('several disks are one question that names each, and its answer has what each is confirmed by, in order', async () => {
  const other = { ...disk, serial: null, path: '/bench/two disks.img' }
  const shown: string[] = []
  const screen = new Writable({
    write(chunk, _encoding, done) {
      shown.push(String(chunk))
      done()
    },
  })
  const ask = (answer: string) =>
    askToConfirm([disk, other], { ...terminal(answer, true), output: screen }, new AbortController().signal)
  await ask('4f2a91 two disks.img')
  for (const name of ['2 disks', disk.path, '4F2A91', other.path]) assert.ok(shown.join('').includes(name), name)
  for (const answer of ['4f2a91', 'two disks.img 4f2a91', '2', ''])
    await assert.rejects(ask(answer), (error) => isEngineError(error, 'cli.not-confirmed'), answer)
})
