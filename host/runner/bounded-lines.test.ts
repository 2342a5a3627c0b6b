import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundedLines } from './bounded-lines.ts'

async function* feed(...chunks: readonly (string | Buffer)[]) {
  for (const chunk of chunks) yield Buffer.from(chunk)
}
async function linesOf(stream: AsyncIterable<Buffer>, limit = 20): Promise<string[]> {
  const found: string[] = []
  for await (const line of boundedLines(stream, limit)) found.push(line)
  return found
}

test('lines come whole, however they are cut into chunks, characters of several bytes too', async () => {
  const bytes = Buffer.from('one\r\nzwei ü\n\nlast')
  for (let at = 1; at < bytes.length; at++)
    assert.deepEqual(await linesOf(feed(bytes.subarray(0, at), bytes.subarray(at))), ['one', 'zwei ü', '', 'last'])
})

test('a line without end is not collected: it comes cut off, and nothing more is read', async () => {
  let read = 0
  async function* endless() {
    for (;;) {
      read += 1
      yield Buffer.alloc(1000, 'x')
    }
  }
  const [line, ...more] = await linesOf(endless(), 5000)
  assert.deepEqual([line.length, more.length, read], [5001, 0, 6])
})
