// The appliance's files: both dialects read, every mistake told with its line, no secret ever repeated, nothing lost when
// the key changes.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parseDocument } from 'yaml'
import { EngineError, explain, type Finding } from '#base/errors.ts'
import type { ProbeSpec } from '#model/health.ts'
import fc from '#testing/property.ts'
import { parseProbes } from './gate/probe-list.ts'
import { devicePaths } from './paths.ts'
import { loadSettings, readSettings } from './settings.ts'
import { validateConfig } from './settings-check.ts'
import { forgetFormerKey, loadFormerKey, persistApiKey, withApiKey } from './settings-write.ts'

const DEVICE = 'product: demo-box\nallowed_hosts: [Releases.Example.org, "*.cdn.example.net", "bench:8443"]\n'
const PROBES = 'health_checks:\n  - name: disk\n    builtin: disk\n'
const SECRET = 's3cr3t-Key-0123456789'
const CONFIG = `# made by the fleet server
site_id: clinic-1
appliance_id: clinic-1-AA:BB:CC:DD:EE:FF
api_endpoint: https://fleet.example.org/
api_key: ${SECRET}   # rotated on first check-in
maintenance_window: {enabled: true, start: "02:00", end: "05:00", timezone: America/New_York, days: [mon, tue]}
`

/** A root with the given files; `device.yaml` and `probes.yaml` are there unless replaced. */
async function rootWith(t: TestContext, files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'settings-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const all = { 'etc/twinslot/device.yaml': DEVICE, 'etc/twinslot/probes.yaml': PROBES, ...files }
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  const paths = await devicePaths(root)
  const codes = async () => {
    const { findings, remarks } = await validateConfig(paths, parseProbes)
    for (const found of [...findings, ...remarks]) checkSentence(found)
    return findings.map(({ code, details }) => `${code}${details.line ? ` line ${details.line}` : ''}`)
  }
  const remarks = async () => (await validateConfig(paths, parseProbes)).remarks.map(({ code }) => code)
  return { root, paths, load: () => loadSettings(paths, parseProbes), codes, remarks }
}

function checkSentence(found: Finding): void {
  const text = Object.values(explain(found)).join(' ')
  assert.doesNotMatch(text, /-----|PRIVATE KEY/)
  assert.doesNotMatch(text, /[{}]/, text)
  assert.ok(!text.includes(SECRET), text)
}

const msp = (text: string) => ({ 'var/lib/msp/config.yaml': text })

test('both dialects of config.yaml say the same', async (t) => {
  const one = await (await rootWith(t, msp(CONFIG))).load()
  assert.equal(one.product, 'demo-box')
  assert.deepEqual(one.allowedHosts, ['releases.example.org', '*.cdn.example.net', 'bench:8443'])
  assert.deepEqual(one.server, {
    endpoint: 'https://fleet.example.org',
    siteId: 'clinic-1',
    applianceId: 'clinic-1-AA:BB:CC:DD:EE:FF',
    apiKey: SECRET,
    ca: null,
    pollSeconds: 60,
  })
  assert.deepEqual(one.window?.days, ['mon', 'tue'])
  const older = CONFIG.replace('api_endpoint', 'api_base_url').replace(/^site_id.*\n/m, '')
  const two = await (await rootWith(t, msp(older))).load()
  assert.deepEqual(two.server, { ...one.server, siteId: 'clinic-1-AA:BB:CC:DD:EE:FF' })
  const onlySite = await (await rootWith(t, msp(CONFIG.replace(/^appliance_id.*\n/m, '')))).load()
  assert.equal(onlySite.server?.applianceId, 'clinic-1')
})

test('each file is read from /config first, then from the folder of the data partition that is bound there, then from the state folder', async (t) => {
  const at = (place: string) => ({ [`${place}/config.yaml`]: CONFIG.replaceAll('clinic-1', place.replace(/\W/g, '-')) })
  const places = ['config', 'var/lib/msp/config', 'var/lib/msp']
  for (const [index, place] of places.entries()) {
    const files = Object.assign({ 'config/.keep': '' }, ...places.slice(index).map(at))
    const { load, remarks, codes } = await rootWith(t, files)
    assert.equal((await load()).server?.siteId, place.replace(/\W/g, '-'))
    assert.deepEqual(await codes(), [])
    // Those that nobody reads are told.
    assert.deepEqual(await remarks(), Array(places.length - 1 - index).fill('settings.shadowed'))
  }
})

test('the same file by two names, as a bound folder has it, is one file, and so is an equal copy', async (t) => {
  const { root, remarks } = await rootWith(t, { 'var/lib/msp/config/config.yaml': CONFIG, ...msp(CONFIG) })
  symlinkSync(join(root, 'var/lib/msp/config'), join(root, 'config'))
  assert.deepEqual(await remarks(), [])
})

test('a rotated key is written into the file that was read, wherever that is, and into no other', async (t) => {
  for (const place of ['config', 'var/lib/msp/config', 'var/lib/msp']) {
    const { root, paths, load } = await rootWith(t, { 'config/.keep': '', [`${place}/config.yaml`]: CONFIG })
    await persistApiKey(paths, 'n3w-key')
    assert.equal((await load()).server?.apiKey, 'n3w-key')
    const found = execFileSync('find', [root, '-name', 'config.yaml'], { encoding: 'utf8' }).trim()
    assert.equal(found, join(root, place, 'config.yaml'))
    assert.equal(statSync(found).mode & 0o777, 0o600)
  }
})

test('certificates that config.yaml names lie beside it, or below the state folder', async (t) => {
  const tls = `${CONFIG}tls: {ca_cert: tls/ca.pem}\n`
  const pem = execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-subj', '/CN=ca', '-keyout', '/dev/null'],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  for (const folder of ['config', 'var/lib/msp']) {
    const { load } = await rootWith(t, { 'config/config.yaml': tls, [`${folder}/tls/ca.pem`]: pem })
    assert.equal((await load()).server?.ca, pem)
  }
})

test('updates.yaml is read from /config where that exists, else beside config.yaml', async (t) => {
  const updates = 'auto_update:\n  enabled: yes\n  channel: beta\n  schedule: 02:00\n  require_approval: true\n'
  const expected = { enabled: true, channel: 'beta', schedule: '02:00', requireApproval: true }
  const own = await rootWith(t, { ...msp(CONFIG), 'config/updates.yaml': updates })
  assert.equal(own.paths.config, join(own.root, 'config'))
  assert.deepEqual((await own.load()).autoUpdate, expected)
  const beside = await rootWith(t, { ...msp(CONFIG), 'var/lib/msp/updates.yaml': updates })
  assert.deepEqual((await beside.load()).autoUpdate, expected)
  const none = await (await rootWith(t, msp(CONFIG))).load()
  assert.equal(none.autoUpdate, null)
  const bare = await (await rootWith(t, { 'config/updates.yaml': 'auto_update:\n  channel: stable\n' })).load()
  assert.deepEqual(bare.autoUpdate, { enabled: false, channel: 'stable', schedule: null, requireApproval: false })
})

test('device.yaml moves the folders; without it they are where the specification has them', async (t) => {
  const moved = await rootWith(t, {
    'etc/twinslot/device.yaml': `${DEVICE}state_dir: /data/state\nconfig_dir: /data/config\n`,
    'data/state/config.yaml': CONFIG,
  })
  assert.equal(moved.paths.state, join(moved.root, 'data/state'))
  assert.equal(moved.paths.config, join(moved.root, 'data/config'))
  assert.equal((await moved.load()).server?.siteId, 'clinic-1')
  const empty = mkdtempSync(join(tmpdir(), 'settings-'))
  t.after(() => rmSync(empty, { recursive: true }))
  assert.equal((await devicePaths(empty)).state, join(empty, 'var/lib/msp'))
  await assert.rejects(loadSettings(await devicePaths(empty), parseProbes), { code: 'settings.file-missing' })
  for (const text of ['state_dir: var', 'state_dir: /a/../../b', 'config_dir: [1]']) {
    writeFileSync(join(moved.root, 'etc/twinslot/device.yaml'), text)
    await assert.rejects(devicePaths(moved.root), { code: 'settings.invalid' })
  }
})

test('the poll interval is clamped to what servers accept', async (t) => {
  for (const [text, seconds] of [
    ['1', 10],
    ['90', 90],
    ['99999', 3600],
  ] as const) {
    const { load } = await rootWith(t, msp(`${CONFIG}agent: {poll_interval: ${text}}\n`))
    assert.equal((await load()).server?.pollSeconds, seconds)
  }
})

test('that no fleet server is configured is a remark, half of one is a mistake', async (t) => {
  const unclaimed: Record<string, string>[] = [{}, msp('site_id: clinic-1\napi_key:\n'), { 'config/config.yaml': '' }]
  for (const files of unclaimed) {
    const none = await rootWith(t, files)
    assert.equal((await none.load()).server, null)
    assert.deepEqual(await none.codes(), [])
    assert.deepEqual(await none.remarks(), ['settings.no-server'])
  }
  const keyless = await rootWith(t, msp('site_id: clinic-1\napi_endpoint: https://fleet.example.org\n'))
  assert.equal((await keyless.load()).server, null)
  assert.deepEqual(await keyless.codes(), ['settings.missing-key'])
  assert.deepEqual(await keyless.remarks(), [])
  const rest = await rootWith(t, msp(`api_key: ${SECRET}\n`))
  assert.deepEqual(await rest.codes(), ['settings.missing-key', 'settings.missing-key'])
})

test('every mistake is told with its line, all at once', async (t) => {
  const { codes, load } = await rootWith(t, {
    ...msp(`site_id: [clinic]
api_endpoint: fleet.example.org
api_key: ${SECRET}
agent:
  poll_interval: often
tls:
  ca_cert: missing.pem
maintenance_window:
  start: "2"
  end: "05:00"
  timezone: Mars/Olympus
  days: [someday]
`),
    'config/updates.yaml': 'auto_update:\n  enabled: maybe\n  channel: nightly\n  schedule: "25:00"\n',
    'config/hypernet/server.yaml': 'host: a\n\tport: 1\n',
    'config/hypernet/api.yaml': '- a\n- b\n',
    'config/version': 'two\n',
    'etc/twinslot/probes.yaml': 'health_checks:\n  - name: x\n    builtin: nonsense\n',
  })
  const found = await codes()
  for (const expected of [
    'settings.invalid line 1',
    'settings.invalid line 2',
    'settings.invalid line 5',
    'settings.invalid line 7',
    'settings.bad-window line 9',
    'settings.invalid line 3',
    'settings.invalid line 4',
    'settings.yaml-syntax line 2',
  ])
    assert.ok(found.includes(expected), `${expected} is not in\n${found.join('\n')}`)
  assert.ok(found.some((code) => code.startsWith('gate.')))
  assert.ok(found.filter((code) => code === 'settings.invalid line 1').length >= 3, 'site_id, api.yaml, version')
  await assert.rejects(load(), EngineError)
})

test('a file that is no YAML, too large or unreadable is told; its secrets are not', async (t) => {
  for (const text of [
    `api_key: "${SECRET}\n`,
    `api_key: ${SECRET}: x: y\n`,
    `a: 1\na: ${SECRET}\n`,
    `? [${SECRET}`,
    `k: |${SECRET}\n x\n`,
    `k: *${SECRET}\n`,
  ]) {
    const { codes } = await rootWith(t, msp(text))
    assert.ok(
      (await codes()).some((code) => code.startsWith('settings.yaml-syntax')),
      text,
    )
  }
  const deep = await rootWith(t, msp('['.repeat(100_000)))
  assert.ok((await deep.codes()).some((code) => code.startsWith('settings.yaml-syntax')))
  const large = await rootWith(t, msp(`# ${'x'.repeat(300_000)}`))
  assert.deepEqual(await large.codes(), ['settings.file-too-large'])
  const folder = await rootWith(t, { 'var/lib/msp/config.yaml/x': '' })
  assert.deepEqual(await folder.codes(), ['settings.file-unreadable'])
  const wrongKey = await rootWith(t, msp(CONFIG.replace(SECRET, `"${SECRET} with a space"`)))
  assert.deepEqual(await wrongKey.codes(), ['settings.invalid line 5'])
})

test('plain HTTP is refused, except on the appliance itself or where the signed image allows it', async (t) => {
  const plain = CONFIG.replace('https://fleet.example.org/', 'http://10.0.2.2:8080')
  const refused = await rootWith(t, msp(plain))
  await assert.rejects(refused.load(), { code: 'settings.insecure-endpoint' })
  assert.deepEqual(await refused.codes(), ['settings.insecure-endpoint line 4'])
  const allowed = await rootWith(t, { ...msp(plain), 'etc/twinslot/device.yaml': `${DEVICE}allow_http: true\n` })
  assert.equal((await allowed.load()).server?.endpoint, 'http://10.0.2.2:8080')
  const local = await rootWith(t, msp(CONFIG.replace('https://fleet.example.org/', 'http://127.0.0.1:8080/api/')))
  assert.equal((await local.load()).server?.endpoint, 'http://127.0.0.1:8080/api')
  for (const address of ['ftp://a', 'https://user:pw@a/', 'https://a/?x', 'https://a/#x', 'javascript:1', 'https://'])
    assert.deepEqual(await (await rootWith(t, msp(CONFIG.replace('https://fleet.example.org/', address)))).codes(), [
      'settings.invalid line 4',
    ])
})

test('without a probe list nothing could prove an update: that is an error', async (t) => {
  const { paths, root } = await rootWith(t, msp(CONFIG))
  rmSync(join(root, 'etc/twinslot/probes.yaml'))
  await assert.rejects(loadSettings(paths, parseProbes), { code: 'settings.file-missing' })
  const probe: ProbeSpec = {
    name: 'x',
    run: { kind: 'command', argv: ['true'] },
    timeoutMs: 1,
    critical: true,
    retryForMs: 0,
  }
  writeFileSync(join(root, 'etc/twinslot/probes.yaml'), 'any')
  const settings = await loadSettings(paths, (text) => ({ probes: text === 'any' ? [probe] : [], findings: [] }))
  assert.deepEqual(settings.probes, [probe])
})

function certificate(folder: string, name: string): { certificate: string; key: string } | null {
  const [key, out] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)]
  const args = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-subj', `/CN=${name}`, '-keyout', key, '-out', out]
  try {
    execFileSync('openssl', args, { stdio: 'ignore' })
  } catch {
    return null
  }
  return { certificate: readFileSync(out, 'utf8'), key: readFileSync(key, 'utf8') }
}

test('certificates: the authority as path or as text, the pair of the second specification', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [one, two] = [certificate(folder, 'one'), certificate(folder, 'two')]
  if (!one || !two) {
    t.skip('needs openssl')
    return
  }
  const absolute = await rootWith(t, msp(`${CONFIG}tls: {ca_cert: ${join(folder, 'one.pem')}}\n`))
  assert.equal((await absolute.load()).server?.ca, one.certificate)
  const relative = await rootWith(t, {
    ...msp(`${CONFIG}tls: {ca_cert: ca/fleet.pem}\n`),
    'var/lib/msp/ca/fleet.pem': one.certificate,
  })
  assert.equal((await relative.load()).server?.ca, one.certificate)
  const text = one.certificate.trimEnd().replaceAll('\n', '\n    ')
  const inside = await rootWith(t, msp(`${CONFIG}tls:\n  ca_cert: |\n    ${text}\n`))
  assert.equal((await inside.load()).server?.ca, one.certificate)

  const pair = (cert: string, key: string) => msp(`${CONFIG}tls: {client_cert: ${cert}, client_key: ${key}}\n`)
  const files = { 'var/lib/msp/me.pem': one.certificate, 'var/lib/msp/me.key': one.key }
  const identity = { origin: 'https://fleet.example.org', certificate: one.certificate, key: one.key }
  const paths = await rootWith(t, { ...pair('me.pem', 'me.key'), ...files })
  assert.deepEqual((await paths.load()).server?.identity, identity)
  assert.deepEqual(await paths.codes(), [])
  const indented = (pem: string) => `|\n    ${pem.trimEnd().replaceAll('\n', '\n    ')}\n`
  const written = `${CONFIG}tls:\n  client_cert: ${indented(one.certificate)}  client_key: ${indented(one.key)}`
  assert.deepEqual((await (await rootWith(t, msp(written))).load()).server?.identity, identity)
  for (const wrong of [
    pair('me.pem', join(folder, 'two.key')),
    pair('me.key', 'me.key'),
    pair('me.pem', 'me.pem'),
    pair('me.pem', 'no.key'),
  ])
    assert.deepEqual(await (await rootWith(t, { ...wrong, ...files })).codes(), ['settings.invalid line 7'])
  for (const key of ['client_cert: me.pem', 'client_key: me.key'])
    assert.deepEqual(await (await rootWith(t, { ...msp(`${CONFIG}tls: {${key}}\n`), ...files })).codes(), [
      'settings.missing-key',
    ])
  const locked = execFileSync('openssl', ['pkey', '-aes256', '-passout', 'pass:x'], {
    input: one.key,
    encoding: 'utf8',
  })
  const shut = await rootWith(t, { ...pair('me.pem', 'me.key'), ...files, 'var/lib/msp/me.key': locked })
  await assert.rejects(shut.load(), /client_key must be a private key without a passphrase/)
  const lockedTree = { ...msp(CONFIG), 'config/version': '2\n', 'config/tls/certificate.pem': one.certificate }
  assert.deepEqual(await (await rootWith(t, { ...lockedTree, 'config/tls/private-key.pem': locked })).codes(), [])

  const tree = (files: Record<string, string>) => ({ ...msp(CONFIG), 'config/version': '2\n', ...files })
  const [pem, key] = ['config/tls/certificate.pem', 'config/tls/private-key.pem'] as const
  assert.deepEqual(await (await rootWith(t, tree({ [pem]: one.certificate, [key]: one.key }))).codes(), [])
  assert.deepEqual(await (await rootWith(t, tree({ [pem]: one.certificate }))).codes(), ['settings.half-pair'])
  assert.deepEqual(await (await rootWith(t, tree({ [key]: one.key }))).codes(), ['settings.half-pair'])
  for (const files of [
    { [pem]: one.certificate, [key]: two.key },
    { [pem]: 'nothing', [key]: one.key },
    { [pem]: one.certificate, [key]: 'nothing' },
  ])
    assert.deepEqual(await (await rootWith(t, tree(files))).codes(), ['settings.invalid line 1'])
})

test('the new key is saved for its owner only; every other byte stays', async (t) => {
  const { paths, load } = await rootWith(t, msp(CONFIG))
  await persistApiKey(paths, 'new"key"#2')
  const text = readFileSync(join(paths.state, 'config.yaml'), 'utf8')
  assert.equal(text, CONFIG.replace(SECRET, '"new\\"key\\"#2"'))
  assert.equal(statSync(join(paths.state, 'config.yaml')).mode & 0o777, 0o600)
  await persistApiKey(paths, 'k2')
  assert.equal((await load()).server?.apiKey, 'k2')
})

test('a key that could not be read back is not saved, and the old one is kept until the new one has worked', async (t) => {
  const { paths, load } = await rootWith(t, msp(CONFIG))
  for (const bad of ['R0tatedKey42\n', '', 'two words', 'schlüssel', '\u0000', 'k'.repeat(513)]) {
    await assert.rejects(persistApiKey(paths, bad), { code: 'settings.not-saved' })
    assert.equal((await load()).server?.apiKey, SECRET)
  }
  for (const good of [
    '0123',
    'true',
    'null',
    '~',
    '1e3',
    '#x',
    "'",
    '"',
    '{}',
    '*a',
    '!!str',
    'k: v'.replace(' ', ''),
  ]) {
    const before = (await load()).server?.apiKey
    await persistApiKey(paths, good)
    assert.equal((await load()).server?.apiKey, good)
    assert.equal(await loadFormerKey(paths), before)
    assert.equal(statSync(join(paths.state, 'update/former_key')).mode & 0o777, 0o600)
  }
  await forgetFormerKey(paths)
  assert.equal(await loadFormerKey(paths), null)
})

test('a mistake beside the lines about the server leaves the server readable; one in them, or in its trust, does not', async (t) => {
  const right = { 'etc/twinslot/device.yaml': 'product: box\n' }
  const base = 'site_id: s\nappliance_id: a\napi_key: k\napi_endpoint: https://fleet.example.org\n'
  const serverOf = async (config: string, more: Record<string, string> = {}) => {
    const { paths } = await rootWith(t, { ...msp(config), ...right, ...more })
    const { settings, findings } = await readSettings(paths, parseProbes)
    assert.ok(findings.length > 0, config)
    return settings.server?.endpoint ?? null
  }
  const there = 'https://fleet.example.org'
  assert.equal(await serverOf(base, { 'config/updates.yaml': '' }), there)
  assert.equal(await serverOf(base, { 'config/updates.yaml': 'auto_update: [' }), there)
  assert.equal(await serverOf(base, { 'etc/twinslot/probes.yaml': 'x' }), there)
  for (const beside of [
    'maintenance_window: {start: "1", end: "2"}',
    'maintenance_window: 3',
    'agent: {poll_interval: x}',
  ])
    assert.equal(await serverOf(`${base}${beside}\n`), there, beside)
  for (const about of ['tls: {ca_cert: nowhere.pem}', 'tls: {client_cert: x}', 'tls: 7'])
    assert.equal(await serverOf(`${base}${about}\n`), null, about)
  assert.equal(await serverOf(base.replace('site_id: s', 'site_id: ..')), null)
  assert.equal(await serverOf(base.replace('api_key: k', 'api_key: "k k"')), null)
})

test('the words of YAML 1.1 switch a window, and a mistake in a window is told with file and line', async (t) => {
  const config = (window: string) => `${CONFIG.replace(/maintenance_window:.*\n/, '')}maintenance_window:\n${window}`
  for (const word of ['no', 'No', 'OFF', 'false', 'n']) {
    const { load } = await rootWith(t, msp(config(`  enabled: ${word}\n  start: "02:00"\n  end: "03:00"\n`)))
    assert.equal((await load()).window, null, word)
  }
  for (const word of ['yes', 'On', 'TRUE', 'y']) {
    const { load } = await rootWith(t, msp(config(`  enabled: ${word}\n  start: "02:00"\n  end: "03:00"\n`)))
    assert.equal((await load()).window?.start, '02:00', word)
  }
  const text = config('  enabled: yes\n  start: "02:00"\n  end: "03:00"\n  days: [tues]\n')
  const { paths } = await rootWith(t, msp(text))
  const { findings } = await readSettings(paths, parseProbes)
  const line = text.split('\n').findIndex((each) => each.includes('[tues]')) + 1
  const found = findings.find(({ code }) => code === 'settings.bad-window')
  assert.ok(found)
  assert.match(explain(found).message, new RegExp(`config.yaml, line ${line}: "tues" is not a day of the week`))
})

test('a window that is switched off is checked all the same: a mistake in it is a remark with file, line and both values', async (t) => {
  const windows: readonly (readonly [string, RegExp | null])[] = [
    ['{enabled: no}', null],
    ['{enabled: false, start: "02:00", end: "05:00", timezone: Europe/Berlin, days: [mon]}', null],
    ['{enabled: no, start: , days: }', null],
    ['{enabled: no, start: "25:99", end: "05:00"}', /line 3: "25:99" as start /],
    ['{enabled: off, timezone: Mars/Olympus}', /line 3: .*Mars\/Olympus/],
    ['{enabled: no, days: [tues]}', /line 3: .*tues/],
    ['{enabled: no, days: monday}', /line 3: .*a list of days.*monday/],
  ]
  for (const [window, expected] of windows) {
    const text = `site_id: x\napi_endpoint: https://fleet.example.org\nmaintenance_window: ${window}\napi_key: ${SECRET}\n`
    const { paths, load, codes } = await rootWith(t, msp(text))
    assert.equal((await load()).window, null, window)
    assert.deepEqual(await codes(), [], window)
    const told = (await validateConfig(paths, parseProbes)).remarks.map((found) => explain(found).message)
    if (expected === null) assert.deepEqual(told, [], window)
    else assert.match(told.join('\n'), expected)
    assert.ok(told.every((line) => line.startsWith(join(paths.state, 'config.yaml'))))
  }
})

test('the key is put where it belongs, however the file is written', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'api_key: "k"\n'],
    ['a: 1', 'a: 1\napi_key: "k"\n'],
    ['api_key:\nb: 1\n', 'api_key: "k"\nb: 1\n'],
    ["api_key: 'old'\n", 'api_key: "k"\n'],
    ['a: {api_key: inner}\n# end\n', 'a: {api_key: inner}\n# end\napi_key: "k"\n'],
    ['{"api_key": "old", "b": 1}\n', '{"api_key": "k", "b": 1}\n'],
  ]
  for (const [before, after] of cases) assert.equal(withApiKey('config.yaml', before, 'k'), after)
  // These need the whole document to be written again.
  for (const before of ['api_key: |\n  old\nb: 1\n', 'a: 1\n...\n', '{a: 1}\n', 'api_key: [1, 2]\nb: 1 # x\n']) {
    const after = withApiKey('config.yaml', before, 'k')
    assert.deepEqual(parseDocument(after).toJS(), { ...parseDocument(before).toJS(), api_key: 'k' }, after)
    if (before.includes('#')) assert.match(after, /# x/)
  }
})

test('a file that cannot take the key stays as it is, and the key is not in the error', async (t) => {
  const hidden = (error: unknown) => error instanceof EngineError && !`${error.message}${error.stack}`.includes(SECRET)
  const broken = await rootWith(t, msp('a: [\n'))
  await assert.rejects(persistApiKey(broken.paths, SECRET), { code: 'settings.yaml-syntax' })
  await assert.rejects(persistApiKey(broken.paths, SECRET), hidden)
  const list = await rootWith(t, msp('- a\n'))
  await assert.rejects(persistApiKey(list.paths, SECRET), { code: 'settings.not-saved' })
  await assert.rejects(persistApiKey(list.paths, SECRET), hidden)
  assert.equal(readFileSync(join(list.paths.state, 'config.yaml'), 'utf8'), '- a\n')
})

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,11}$/).filter((text) => text !== 'api_key')
const value = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 3 }),
)

test('property: unknown keys, comments and order survive a change of the key', () => {
  fc.assert(
    fc.property(fc.dictionary(name, value, { maxKeys: 8 }), fc.string(), fc.nat(8), (others, key, at) => {
      const lines = Object.entries(others).map(([key, value]) => `${key}: ${JSON.stringify(value)} # about ${key}`)
      lines.splice(at, 0, 'api_key: old')
      const text = `# top\n${lines.join('\n')}\n`
      const after = withApiKey('config.yaml', text, key)
      const parsed = parseDocument(after).toJS() as Record<string, unknown>
      assert.deepEqual(parsed, { ...others, api_key: key })
      assert.equal(after.replace(/^api_key: .*$/m, 'api_key: old'), text)
    }),
    { numRuns: 300 },
  )
})
