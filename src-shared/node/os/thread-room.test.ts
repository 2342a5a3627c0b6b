import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runTool } from './run-tool.ts'

const SCRIPT = `
import { readdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { makeThreadRoom } from '${new URL('./thread-room.ts', import.meta.url)}'
const threads = () => readdirSync('/proc/self/task').length
const before = threads()
makeThreadRoom(8)
await stat('/')
console.log(threads() - before)
`

test('each disk of a batch has threads of its own for requests that hang', {
  skip: process.platform === 'linux' ? false : 'counts threads in /proc',
}, async () => {
  const args = ['--input-type=module', '--eval', SCRIPT]
  const { stdout, stderr } = await runTool(process.execPath, args, { timeoutMs: 60_000 })
  assert.ok(Number(stdout) >= 8 * 3, `${stdout} threads came. ${stderr}`)
})
