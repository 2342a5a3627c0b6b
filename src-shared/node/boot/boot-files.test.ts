import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { decodeBootState } from '#format/boot-state.ts'
import { decodeSlotRecords } from '#format/slot-record.ts'
import { factoryState } from '#model/boot-state.ts'
import { missingOf, requireTool } from '../os/run-tool.ts'
import { BOOT_CONFIG, BOOT_LOADER, makeBootFiles, writeBootFiles } from './boot-files.ts'
import { makeTar } from './tar.ts'

const missing = (await missingOf(['grub-mkimage', 'grub-script-check', 'tar'])).map(({ tool }) => tool)
const skip = missing.length > 0 ? `needs ${missing.join(', ')}` : false

test('the boot files are the factory state, empty slots and a UEFI program', { skip }, async () => {
  const files = await makeBootFiles()
  const names = [
    ...[BOOT_LOADER, BOOT_CONFIG, 'ab_state', 'grubenv', 'twinslot/grubenv', 'twinslot/good', 'twinslot/slots'],
    'twinslot/mark',
  ]
  assert.deepEqual([...files.keys()], names)
  const read = (path: string) => files.get(path) ?? null
  const { state, findings } = decodeBootState({
    ab_state: read('ab_state'),
    grubenv: read('grubenv'),
    grubenv2: read('twinslot/grubenv'),
    good: read('twinslot/good'),
  })
  assert.deepEqual(state, factoryState('A'))
  assert.deepEqual(findings, [])
  assert.equal(decodeSlotRecords(read('twinslot/slots')).records.B.state, 'empty')
  const loader = Buffer.from(files.get(BOOT_LOADER) ?? [])
  assert.equal(loader.toString('latin1', 0, 2), 'MZ')
  assert.ok(loader.includes('twinslot_decide'), 'the configuration is inside')
  assert.ok(loader.length < 2_000_000)
})

test('the same sources give the same boot files', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-boot-files-'))
  try {
    const paths = await writeBootFiles(folder)
    const again = await makeBootFiles()
    for (const path of paths)
      assert.deepEqual(await readFile(join(folder, path)), Buffer.from(again.get(path) ?? []), path)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('GRUB finds no syntax error in its configuration', { skip }, async () => {
  for (const name of ['grub.cfg', 'decide.cfg', 'recovery.cfg', 'rescue.cfg']) {
    const path = fileURLToPath(new URL(`./grub/${name}`, import.meta.url))
    // The tool complains about a script of nothing but functions.
    const input = `${await readFile(path, 'utf8')}\ntrue\n`
    await requireTool('grub-script-check', [], { timeoutMs: 10_000, input })
  }
})

test('tar unpacks what makeTar packs', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-tar-'))
  try {
    const content = new Map([
      ['a', new Uint8Array(0)],
      ['dir/b', new Uint8Array(512).fill(1)],
      ['c', new Uint8Array(513).fill(2)],
    ])
    await writeFile(join(folder, 'x.tar'), makeTar(content))
    await requireTool('tar', ['-xf', 'x.tar'], { timeoutMs: 10_000, cwd: folder })
    for (const [name, bytes] of content) assert.deepEqual(await readFile(join(folder, name)), Buffer.from(bytes))
  } finally {
    await rm(folder, { recursive: true })
  }
})
