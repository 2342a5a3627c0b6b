import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { MIB } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import { newDiskImage } from './new-disk-image.ts'

const folder = mkdtempSync(join(tmpdir(), 'twinslot-new-image-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

/** The code that both the plan and the job are refused with. */
async function codes(path: string): Promise<(string | null)[]> {
  const found: (string | null)[] = []
  for (const imagine of [true, false]) {
    try {
      await using _image = await newDiskImage(path, 8 * MIB, imagine)
      found.push(null)
    } catch (error) {
      found.push(isEngineError(error) ? error.code : String(error))
    }
  }
  return found
}

test('a disk image that cannot be made is refused in the plan as in the job', async () => {
  writeFileSync(at('file'), 'x')
  symlinkSync('loop', at('loop'))
  symlinkSync('nowhere', at('dangling'))
  const twice = (code: string | null) => [code, code]
  assert.deepEqual(await codes(at('missing/disk.img')), twice('disk.system-refused'))
  assert.deepEqual(await codes(at('file/disk.img')), twice('disk.system-refused'))
  assert.deepEqual(await codes(at('dangling')), twice('disk.system-refused'))
  assert.deepEqual(await codes(at('loop')), twice('disk.system-refused'))
  assert.deepEqual(await codes(at('file')), twice('disk.file-exists'))
  assert.deepEqual(await codes(at('x'.repeat(300))), twice('disk.system-refused'))
  assert.deepEqual(readdirSync(folder).sort(), ['dangling', 'file', 'loop'])
})

test('a plan makes no disk image, and a job that touched none leaves none', async () => {
  assert.deepEqual(await codes(at('new.img')), [null, null])
  assert.equal(existsSync(at('new.img')), false)
})
