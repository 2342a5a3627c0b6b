// A file of the configuration that is not there means something: not claimed, no channel, every key is believed. So only what
// is really not there reads as that; a link to nowhere, a folder, a pipe, a partition that is not mounted are told.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { explain } from '#base/errors.ts'
import { readJsonFile, readTextFile } from '#node/os/state-file.ts'
import { parseProbes } from './gate/probe-list.ts'
import { readTrustedKeys } from './own-disk/trusted-keys.ts'
import { devicePaths } from './paths.ts'
import { readSettings } from './settings.ts'
import { validateConfig } from './settings-check.ts'
import { persistApiKey } from './settings-write.ts'

const FORMER = 'site_id: former\napi_endpoint: https://former.example.org\napi_key: "former-key-1234567"\n'

async function appliance(t: TestContext, files: Readonly<Record<string, string>> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'absent-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const put = (name: string, content: string) => {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  put('etc/twinslot/device.yaml', 'product: demo\n')
  put('etc/twinslot/probes.yaml', 'health_checks:\n  - name: disk\n    builtin: disk\n')
  put('config/.keep', '')
  for (const [name, content] of Object.entries(files)) put(name, content)
  const paths = await devicePaths(root)
  const told = async () => {
    const { findings, remarks } = await validateConfig(paths, parseProbes)
    return { wrong: findings.map((found) => explain(found).message), remarks: remarks.map(({ code }) => code) }
  }
  return { root, paths, put, told, config: join(root, 'config/config.yaml') }
}

/** How the place of a file is taken by what is no file, and what is said of it. */
const ODD: readonly (readonly [string, (path: string) => void, RegExp])[] = [
  [
    'a link to nowhere',
    (path) => symlinkSync('/srv/gone/it', path),
    /is a link to \/srv\/gone\/it, which does not exist/,
  ],
  ['a link to itself', (path) => symlinkSync(path, path), /links lead round in a circle/],
  ['a link into a file', (path) => symlinkSync('.keep/it', path), /a part of its path is no folder/],
  ['a folder', (path) => mkdirSync(path), /it is a folder/],
  ['a pipe', (path) => void execFileSync('mkfifo', [path]), /it is a pipe or a device/],
]

test('what stands in the place of config.yaml and is no file is told by its kind, and does not read as "not claimed"', async (t) => {
  for (const [name, make, expected] of ODD) {
    // Upstream's file of an earlier life is not this appliance's identity.
    const { paths, config, told } = await appliance(t, { 'var/lib/msp/config.yaml': FORMER })
    make(config)
    const { settings, findings } = await readSettings(paths, parseProbes)
    assert.equal(settings.server, null, name)
    assert.deepEqual(
      findings.map(({ code, details }) => [code, details.file]),
      [['settings.file-unreadable', config]],
      name,
    )
    const { wrong, remarks } = await told()
    assert.match(wrong.join('\n'), expected, name)
    assert.ok(!remarks.includes('settings.no-server'), name)
    await assert.rejects(persistApiKey(paths, 'new-key-1234567890'), /cannot be read/, name)
    assert.ok(lstatSync(config).isFile() === false, `${name} was replaced`)
  }
})

test('a configuration folder that is a link to nowhere is told, too', async (t) => {
  const { root, paths, told } = await appliance(t, { 'var/lib/msp/config.yaml': FORMER })
  rmSync(join(root, 'config'), { recursive: true })
  symlinkSync('mnt/config', join(root, 'config'))
  const { settings } = await readSettings(paths, parseProbes)
  assert.equal(settings.server, null)
  assert.match((await told()).wrong.join('\n'), /config is a link to mnt\/config, which does not exist/)
})

test('a file that is really not there, in a folder or without one, is not claimed and nothing else', async (t) => {
  const { root, told } = await appliance(t)
  assert.deepEqual(await told(), { wrong: [], remarks: ['settings.no-server'] })
  rmSync(join(root, 'config'), { recursive: true })
  assert.deepEqual(await told(), { wrong: [], remarks: ['settings.no-server'] })
  // A link that leads somewhere is a folder like any other.
  mkdirSync(join(root, 'mnt/config'), { recursive: true })
  symlinkSync('mnt/config', join(root, 'config'))
  assert.deepEqual(await told(), { wrong: [], remarks: ['settings.no-server'] })
})

test('where its partition is not mounted nobody knows whether there is a config.yaml, and no other one is taken for it', async (t) => {
  const { paths, put, told } = await appliance(t, { 'var/lib/msp/config.yaml': FORMER })
  put('run/twinslot-missing', 'CONFIG /config -\n')
  const { settings } = await readSettings(paths, parseProbes)
  assert.equal(settings.server, null)
  const { wrong, remarks } = await told()
  assert.match(wrong.join('\n'), /config\.yaml cannot be read: CONFIG is not mounted at \/config/)
  assert.deepEqual(remarks, [])
  await assert.rejects(persistApiKey(paths, 'new-key-1234567890'), /CONFIG is not mounted at \/config/)
  assert.equal(readFileSync(join(paths.state, 'config.yaml'), 'utf8'), FORMER)
})

test('a list of trusted fingerprints that cannot be read gives back none of the trust that it takes away', async (t) => {
  const key = readFileSync(new URL('../src-shared/vectors/bundle/keys.asc', import.meta.url), 'utf8')
  for (const [name, make, expected] of ODD) {
    const { root, paths } = await appliance(t, { 'etc/twinslot/keys/release.asc': key })
    assert.notEqual((await readTrustedKeys(paths)).keys.length, 0)
    make(join(root, 'config/trusted-fingerprints'))
    await assert.rejects(readTrustedKeys(paths), { code: 'own.keys-unreadable' }, name)
    await assert.rejects(readTrustedKeys(paths), (error: Error) => expected.test(explain(error as never).message), name)
  }
  const { paths, put } = await appliance(t, { 'etc/twinslot/keys/release.asc': key })
  put('run/twinslot-missing', 'CONFIG /config -\n')
  await assert.rejects(readTrustedKeys(paths), { code: 'own.keys-unreadable' })
})

test('a trusted key whose file leads nowhere is told: it may have been there to revoke one', async (t) => {
  const { root, paths } = await appliance(t)
  mkdirSync(join(root, 'etc/twinslot/keys'))
  symlinkSync('nowhere.asc', join(root, 'etc/twinslot/keys/release.asc'))
  await assert.rejects(readTrustedKeys(paths), { code: 'own.keys-unreadable' })
})

test('a state file that is a link to nowhere is not a state that never was', async (t) => {
  const { root } = await appliance(t)
  symlinkSync('elsewhere.json', join(root, 'ledger.json'))
  await assert.rejects(readTextFile(join(root, 'ledger.json')), { code: 'settings.file-unreadable' })
  // It is set aside as damage is, and told: nothing waits for a person for ever.
  assert.equal((await readJsonFile(join(root, 'ledger.json'), () => null)).state, 'damaged')
  assert.equal(await readTextFile(join(root, 'none.json')), null)
  assert.equal(await readTextFile(join(root, 'no-folder/none.json')), null)
})
