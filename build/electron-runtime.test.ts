import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { desktopRuntime, electronRuntime, fetchElectronRuntime } from './electron-runtime.ts'

const root = mkdtempSync(join(tmpdir(), 'twinslot-electron-'))
after(() => rmSync(root, { recursive: true, force: true }))

let count = 0
/** The npm package as it is installed; with the runtime of `version`, if given. */
function npmPackage(version: string | null, install = 'process.exit(1)'): string {
  count += 1
  const folder = join(root, String(count))
  mkdirSync(join(folder, 'dist'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"version":"45.4.1"}')
  writeFileSync(join(folder, 'install.js'), install)
  if (version !== null) {
    writeFileSync(join(folder, 'path.txt'), 'electron')
    writeFileSync(join(folder, 'dist/version'), version)
    writeFileSync(join(folder, 'dist/electron'), '')
  }
  return folder
}

test('the runtime is present when its version and its program are there', () => {
  const folder = npmPackage('v45.4.1\n')
  const { present, reason, binary } = electronRuntime(folder, {})
  assert.deepEqual([present, reason, binary], [true, '', join(folder, 'dist/electron')])
})

test('an absent, partial or other runtime is absent, with one line that says which', () => {
  assert.match(electronRuntime(npmPackage(null), {}).reason, /^the Electron 45\.4\.1 runtime is not on this machine$/)
  assert.match(electronRuntime(npmPackage('44.0.0'), {}).reason, /version 44\.0\.0 is/)
  const partial = npmPackage('45.4.1')
  rmSync(join(partial, 'dist/electron'))
  assert.equal(electronRuntime(partial, {}).present, false)
  assert.match(electronRuntime(join(root, 'none'), {}).reason, /not installed/)
  assert.equal(electronRuntime(npmPackage('45.4.1'), { ELECTRON_OVERRIDE_DIST_PATH: root }).present, false)
})

test('a window needs a screen and an ordinary user: the sandbox is never switched off', () => {
  const runtime = electronRuntime(npmPackage('45.4.1'), {})
  const session = { platform: 'linux', uid: 1000, env: { DISPLAY: ':0' } } as const
  assert.equal(desktopRuntime(session, runtime).present, true)
  assert.match(desktopRuntime({ ...session, uid: 0 }, runtime).reason, /does not run as root/)
  assert.match(desktopRuntime({ ...session, env: {} }, runtime).reason, /no screen/)
  assert.equal(desktopRuntime({ platform: 'darwin', uid: 501, env: {} }, runtime).present, true)
})

test("Electron's own program fetches it; when it cannot, or takes too long, that is the reason", async () => {
  const failed = await fetchElectronRuntime(60_000, npmPackage(null, 'process.exit(3)'))
  assert.match(failed.reason, /is not on this machine and could not be fetched \(exit code 3\)$/)
  const slow = await fetchElectronRuntime(300, npmPackage(null, 'setInterval(() => {}, 1000)'))
  assert.match(slow.reason, /could not be fetched \(no end after 0\.3 s\)$/)
  const fetches = `const fs = require('node:fs'); const p = (f) => __dirname + '/' + f
    fs.writeFileSync(p('path.txt'), 'electron'); fs.writeFileSync(p('dist/version'), '45.4.1')
    fs.writeFileSync(p('dist/electron'), '')`
  assert.equal((await fetchElectronRuntime(60_000, npmPackage(null, fetches))).present, true)
  const there = npmPackage('45.4.1', 'throw new Error("must not run")')
  assert.equal((await fetchElectronRuntime(60_000, there)).present, true)
})
