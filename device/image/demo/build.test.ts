// The demo image is judged by unsquashfs and sha256sum; whether it boots is shown by e2e/vm/full-boot.test.ts.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { missingOf, requireTool } from '#node/os/run-tool.ts'
import { buildDemoImage, DEMO_TOOLS } from './build.ts'

test('the image is a gzip squashfs with kernel, initrd, their digests and a version, and is built once', async (t) => {
  const missing = await missingOf([...DEMO_TOOLS, 'unsquashfs', 'sha256sum'])
  if (missing.length > 0) return t.skip(`needs ${missing.map(({ tool }) => tool).join(', ')}`)
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-demo-'))
  try {
    const options = { version: '1.0.0', behaviour: 'good', outFile: join(folder, 'system.img') } as const
    const image = await buildDemoImage(options)
    const unsquash = (args: string[]) => requireTool('unsquashfs', args, { timeoutMs: 60_000, cwd: folder })
    const { stdout } = await unsquash(['-s', image.path])
    assert.match(stdout, /Compression gzip/)
    await unsquash(['-q', '-n', '-d', 'tree', image.path, 'boot', 'etc', 'sbin'])
    await requireTool('sha256sum', ['--check', 'SHA256SUMS'], { timeoutMs: 60_000, cwd: join(folder, 'tree/boot') })
    assert.match(await readFile(join(folder, 'tree/etc/os-release'), 'utf8'), /^VERSION_ID="1\.0\.0"$/m)
    assert.equal(image.size % 4096, 0)
    assert.ok(image.size > 8_000_000 && image.size < 60_000_000)
    const again = await buildDemoImage({ ...options, outFile: join(folder, 'again.img') })
    assert.equal(again.cached, true)
    assert.deepEqual(await readFile(again.path), await readFile(image.path))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
