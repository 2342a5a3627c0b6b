// Other people's GPT tools on our tables, and our reader on theirs: sgdisk and sfdisk, on sparse files (512-byte sectors)
// and on a loop device (4096-byte sectors: both tools ask the device for its sector size).
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { GB } from '#base/bytes.ts'
import { DEFAULT_LAYOUT } from '#model/layouts.ts'
import type { PartitionTable } from '#model/partition-table.ts'
import { findTool, requireTool, runTool } from '#node/os/run-tool.ts'
import { resolveLayout } from '#plan/layout.ts'
import { writesInOrder } from '#testing/gpt.ts'
import { decodeGpt, encodeGpt, GPT_EDGE_BYTES, type GptReading, type GptWrite, repairWrites } from './gpt.ts'

const SIZE = 8 * GB + 4096
const LIMIT = { timeoutMs: 60_000 }

const tableFor = (sectorSize: number, size = SIZE): PartitionTable => {
  const result = resolveLayout(DEFAULT_LAYOUT, { size, sectorSize }, 'oracle')
  assert.ok(result.ok)
  const [first, ...others] = result.value.table.entries
  return { ...result.value.table, entries: [{ ...first, attributes: '8000000000000001' }, ...others] }
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  await using file = await open(path, 'r+')
  const result = await use(file)
  await file.sync()
  return result
}

const apply = (path: string, writes: readonly GptWrite[]) =>
  withFile(path, async (file) => {
    for (const { offset, bytes } of writes) await file.write(bytes, 0, bytes.length, offset)
  })

const readBack = (path: string, sectorSize: number, size: number): Promise<GptReading> =>
  withFile(path, async (file) => {
    const head = new Uint8Array(GPT_EDGE_BYTES)
    const tail = new Uint8Array(GPT_EDGE_BYTES)
    await file.read(head, 0, head.length, 0)
    await file.read(tail, 0, tail.length, size - tail.length)
    return decodeGpt(head, tail, sectorSize, size / sectorSize)
  })

function sparseFile(t: TestContext, size = SIZE): string {
  const folder = mkdtempSync(join(tmpdir(), 'twinslot-gpt-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'disk.img')
  writeFileSync(path, '')
  truncateSync(path, size)
  return path
}

async function assertVerifies(path: string): Promise<void> {
  const { stdout, stderr, code } = await runTool('sgdisk', ['-v', path], LIMIT)
  assert.match(stdout, /No problems found/, stdout + stderr)
  assert.doesNotMatch(stdout + stderr, /warning|caution|problem:/i)
  assert.equal(code, 0)
}

async function assertSame(path: string, table: PartitionTable): Promise<void> {
  const { stdout } = await requireTool('sfdisk', ['--json', path], LIMIT)
  const seen: { partitiontable: Record<string, unknown> & { partitions: Record<string, unknown>[] } } =
    JSON.parse(stdout)
  const { label, id, sectorsize, partitions } = seen.partitiontable
  assert.deepEqual([label, id, sectorsize], ['gpt', table.diskGuid, table.sectorSize])
  assert.deepEqual(
    partitions.map(({ start, size, type, uuid, name }) => ({ start, size, type, uuid, name })),
    table.entries.map((entry) => ({
      start: entry.firstLba,
      size: entry.lastLba - entry.firstLba + 1,
      type: entry.typeGuid,
      uuid: entry.uniqueGuid,
      name: entry.name,
    })),
  )
  const info = await requireTool('sgdisk', ['-i', '1', path], LIMIT)
  assert.match(info.stdout, /\(EFI system partition\)/)
  assert.match(info.stdout, /Attribute flags: 8000000000000001/)
  assert.match(info.stdout, new RegExp(`Partition unique GUID: ${table.entries[0].uniqueGuid}`))
}

async function missing(...tools: string[]): Promise<string | null> {
  for (const tool of tools) if (!(await findTool(tool))) return `needs ${tool}`
  return null
}

test('sgdisk and sfdisk find our table perfect', async (t) => {
  const reason = await missing('sgdisk', 'sfdisk')
  if (reason) return t.skip(reason)
  const path = sparseFile(t)
  const table = tableFor(512)
  await apply(path, writesInOrder(encodeGpt(table)))
  await assertVerifies(path)
  await assertSame(path, table)
})

test('a primary or a backup that we mended is perfect for sgdisk as well', async (t) => {
  const reason = await missing('sgdisk', 'sfdisk')
  if (reason) return t.skip(reason)
  const path = sparseFile(t)
  const table = tableFor(512)
  await apply(path, writesInOrder(encodeGpt(table)))
  const zeroes = new Uint8Array(512)
  const damages: GptWrite[] = [
    { offset: 512, bytes: zeroes },
    { offset: 1024, bytes: zeroes },
    { offset: SIZE - 512, bytes: zeroes },
    { offset: SIZE - 512 - 16384, bytes: zeroes },
    { offset: 0, bytes: zeroes },
  ]
  for (const damage of damages) {
    await apply(path, [damage])
    const reading = await readBack(path, 512, SIZE)
    assert.equal(reading.findings.length, 1)
    assert.deepEqual(reading.table, table)
    await apply(path, repairWrites(reading))
    await assertVerifies(path)
    await assertSame(path, table)
  }
})

test('a disk that grew is perfect for sgdisk after the repair', async (t) => {
  const reason = await missing('sgdisk', 'sfdisk')
  if (reason) return t.skip(reason)
  const path = sparseFile(t)
  const table = tableFor(512)
  await apply(path, writesInOrder(encodeGpt(table)))
  const grown = SIZE + 100 * 4096
  truncateSync(path, grown)
  const reading = await readBack(path, 512, grown)
  assert.equal(reading.findings[0].code, 'gpt.backup-misplaced')
  await apply(path, repairWrites(reading))
  await assertVerifies(path)
  await assertSame(path, { ...table, sectors: grown / 512 })
})

test('we read what sgdisk writes, also with 64 entries and a name beyond ASCII', async (t) => {
  const reason = await missing('sgdisk')
  if (reason) return t.skip(reason)
  const path = sparseFile(t)
  const args = [
    '-S',
    '64',
    '-n',
    '1:0:+512M',
    '-t',
    '1:ef00',
    '-n',
    '7:0:+1G',
    '-c',
    '7:Größe Ω',
    '-A',
    '7:set:60',
    path,
  ]
  await requireTool('sgdisk', args, LIMIT)
  const reading = await readBack(path, 512, SIZE)
  assert.deepEqual(reading.findings, [])
  const entries = reading.table?.entries ?? []
  assert.deepEqual(
    entries.map(({ number, name, attributes, firstLba, lastLba }) => [
      number,
      name,
      attributes,
      lastLba - firstLba + 1,
    ]),
    [
      [1, '', '0', 1048576],
      [7, 'Größe Ω', '1000000000000000', 2097152],
    ],
  )
})

test('with sectors of 4096 bytes sgdisk and sfdisk agree on a loop device, after repairs too', async (t) => {
  const reason = await missing('sgdisk', 'sfdisk', 'losetup')
  if (reason) return t.skip(reason)
  if (process.getuid?.() !== 0) return t.skip('needs root for a loop device')
  const path = sparseFile(t)
  const attached = await runTool('losetup', ['--find', '--show', '--sector-size', '4096', path], LIMIT)
  if (attached.code !== 0) return t.skip(`needs a loop device: ${attached.stderr.trim()}`)
  const loop = attached.stdout.trim()
  try {
    const table = tableFor(4096)
    await apply(loop, writesInOrder(encodeGpt(table)))
    await assertVerifies(loop)
    await assertSame(loop, table)
    for (const offset of [4096, SIZE - 4096]) {
      await apply(loop, [{ offset, bytes: new Uint8Array(4096) }])
      const reading = await readBack(loop, 4096, SIZE)
      assert.equal(reading.findings.length, 1)
      await apply(loop, repairWrites(reading))
      await assertVerifies(loop)
      await assertSame(loop, table)
    }
  } finally {
    await requireTool('losetup', ['--detach', loop], LIMIT)
  }
})
