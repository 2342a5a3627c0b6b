import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import { openJobsBench, JOBS_SIGNAL as signal } from '#testing/jobs-bench.ts'
import fc from '#testing/property.ts'
import { clearWork } from './drafts.ts'
import { maskYaml, unmask } from './secrets.ts'

let room: Room
before(async () => {
  room = await openRoom()
})
after(() => room[Symbol.asyncDispose]())

const KEY = 'sk-VERY-SECRET-0001'
const PEM = '-----BEGIN PRIVATE KEY-----\nMIIsecretsecret\n-----END PRIVATE KEY-----\n'
const FILES: Readonly<Record<string, string>> = {
  'hypernet/server.yaml': 'host: 0.0.0.0\nport: 443\n',
  'hypernet/api.yaml': `# fleet\nname: x\nauth:\n  api_key: "${KEY}" # keep\n  tokens:\n    - ${KEY}-a\n    - ${KEY}-b\nblock_secret: |\n  ${KEY}\n  two\nlast: 1\n`,
  'hypernet/secrets/db-password.enc': KEY,
  'tls/private-key.pem': PEM,
  'notes/copy.txt': PEM,
  'hypernet/database.yaml': `url: postgres://app:${KEY}@db/x\n`,
  'security/firewall-rules.conf': 'allow 443\n',
  'security/radius.conf': `secret = ${KEY}\n`,
  version: '1\n',
}

let count = 0
function folder(files = FILES): string {
  count += 1
  const root = room.path(`config-${count}`)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text, { mode: 0o640 })
  }
  return root
}

function station() {
  count += 1
  return openJobsBench(room, room.path(`host-${count}`))
}

test('a folder becomes a draft of its own; no secret leaves the host', async () => {
  const { host, drafts } = await station()
  using _host = host
  const from = folder()
  const view = await drafts.calls['config.open']({ file: from, unit: null }, signal)
  const told = JSON.stringify(view)
  for (const part of ['VERY-SECRET', 'MIIsecret', 'two\\n']) assert.ok(!told.includes(part), part)
  const byPath = new Map(view.files.map((file) => [file.path, file]))
  const secrets = view.files.filter(({ secret }) => secret).map(({ path }) => path)
  assert.deepEqual(secrets, [
    'hypernet/secrets/db-password.enc',
    'notes/copy.txt',
    'security/radius.conf',
    'tls/private-key.pem',
  ])
  assert.equal(byPath.get('security/firewall-rules.conf')?.text, 'allow 443\n')
  assert.match(byPath.get('hypernet/api.yaml')?.text ?? '', /^# fleet\nname: x\nauth:\n {2}api_key: •.*• # keep\n/)
  const copy = await drafts.folder(view.draft)
  for (const [path, text] of Object.entries(FILES)) assert.equal(readFileSync(join(copy, path), 'utf8'), text, path)
  assert.equal(statSync(copy).mode & 0o777, 0o700)
  assert.deepEqual(
    view.problems.map(({ code, file }) => [code, file]),
    [['settings.half-pair', 'tls/certificate.pem']],
  )
  await assert.rejects(drafts.folder('x'.repeat(16)), { code: 'host.unknown-token' })
})

test('an edit keeps what its masks stand for, and masks secrets that are typed', async () => {
  const { host, drafts } = await station()
  using _host = host
  const from = folder()
  const { draft, files } = await drafts.calls['config.open']({ file: from, unit: null }, signal)
  const path = 'hypernet/api.yaml'
  const text = files.find((file) => file.path === path)?.text ?? ''
  const edited = text.replace('name: x', 'name: y').replace('last: 1', 'last: 2\nportal_token: typed-just-now')
  const view = await drafts.calls['config.edit']({ draft, path, text: edited }, signal)
  const expected = FILES[path].replace('name: x', 'name: y').replace('last: 1', 'last: 2\nportal_token: typed-just-now')
  assert.equal(readFileSync(join(await drafts.folder(draft), path), 'utf8'), expected)
  assert.ok(!JSON.stringify(view).includes('typed-just-now'))
  assert.ok(!JSON.stringify(view).includes('VERY-SECRET'))
  assert.equal(readFileSync(join(from, path), 'utf8'), FILES[path], 'the folder itself is not touched')
  const again = view.files.find((file) => file.path === path)?.text ?? ''
  await drafts.calls['config.edit']({ draft, path, text: again.replace('last: 2', 'last: 3') }, signal)
  assert.equal(readFileSync(join(await drafts.folder(draft), path), 'utf8'), expected.replace('last: 2', 'last: 3'))
})

test('files keep the permissions that they were given, also when they are edited; here each is its owner’s alone', async () => {
  const { host, drafts } = await station()
  using _host = host
  const from = folder()
  const given = { 'hypernet/server.yaml': 0o444, 'hypernet/secrets/db-password.enc': 0o400, version: 0o4755 }
  for (const [path, mode] of Object.entries(given)) chmodSync(join(from, path), mode)
  const { draft } = await drafts.calls['config.open']({ file: from, unit: null }, signal)
  await drafts.calls['config.edit']({ draft, path: 'hypernet/server.yaml', text: 'host: ::1\n' }, signal)
  const copy = await drafts.folder(draft)
  const modes = new Map(drafts.modes(copy))
  for (const [path, mode] of Object.entries(given)) {
    assert.equal(modes.get(path), mode, path)
    assert.equal(statSync(join(copy, path)).mode & 0o7777, 0o600, path)
  }
  assert.equal(modes.size, Object.keys(FILES).length)
  assert.equal(readFileSync(join(copy, 'hypernet/server.yaml'), 'utf8'), 'host: ::1\n')
})

test('edits that come at the same moment, of one file or of several, are all there in the end, in the view as in the folder', async () => {
  const { host, drafts } = await station()
  using _host = host
  const { draft } = await drafts.calls['config.open']({ file: folder(), unit: null }, signal)
  const edit = (path: string, text: string) => drafts.calls['config.edit']({ draft, path, text }, signal)
  const [server, version] = ['hypernet/server.yaml', 'version']
  await Promise.all([
    edit(server, 'port: 1\n'),
    edit(version, '2\n'),
    edit(server, 'port: 2\n'),
    edit('new.yaml', 'a: 1\n'),
  ])
  const view = await edit('last.yaml', 'b: 1\n')
  const copy = await drafts.folder(draft)
  for (const [path, text] of Object.entries({ [server]: 'port: 2\n', [version]: '2\n', 'new.yaml': 'a: 1\n' })) {
    assert.equal(view.files.find((file) => file.path === path)?.text, text, path)
    assert.equal(readFileSync(join(copy, path), 'utf8'), text, path)
  }
})

test('a mistake is told with its line, and the text stays as it was typed', async () => {
  const { host, drafts } = await station()
  using _host = host
  const { draft } = await drafts.calls['config.open']({ file: folder(), unit: null }, signal)
  const text = 'host: a\nport: [1\n'
  const view = await drafts.calls['config.edit']({ draft, path: 'hypernet/server.yaml', text }, signal)
  const wrong = view.problems.find(({ file }) => file === 'hypernet/server.yaml')
  assert.equal(wrong?.code, 'settings.yaml-syntax')
  assert.ok(wrong?.line === 2 || wrong?.line === 3, String(wrong?.line))
  assert.equal(view.files.find(({ path }) => path === 'hypernet/server.yaml')?.text, text)
  const updates = 'auto_update:\n  channel: weekly\n'
  const other = await drafts.calls['config.edit']({ draft, path: 'updates.yaml', text: updates }, signal)
  assert.deepEqual(
    other.problems.flatMap(({ file, line }) => (file === 'updates.yaml' ? [line] : [])),
    [2],
  )
})

test('secrets are not edited, and no path leaves the draft: restore.secret, restore.bad-file-name', async () => {
  const { host, drafts } = await station()
  using _host = host
  const { draft } = await drafts.calls['config.open']({ file: folder(), unit: null }, signal)
  const edit = (path: string, text = 'x') => drafts.calls['config.edit']({ draft, path, text }, signal)
  for (const path of ['tls/private-key.pem', 'hypernet/secrets/new.enc', 'notes/copy.txt'])
    await assert.rejects(edit(path), { code: 'restore.secret' }, path)
  await assert.rejects(edit('notes/other.txt', PEM), { code: 'restore.secret' })
  for (const path of ['../x', '/etc/passwd', 'a//b', 'a/./b', '', 'version/x', 'hypernet', 'a\nb', 'a"b'])
    await assert.rejects(edit(path), { code: 'restore.bad-file-name' }, JSON.stringify(path))
})

test('property: masking a YAML text and taking the masks back gives the same text, and no secret is left in between', () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/)
  const secret = fc.stringMatching(/^SECRET[A-Za-z0-9+/=]{4,20}$/)
  const line = fc.oneof(
    fc.tuple(word, word).map(([key, value]) => `${key}x: ${value}`),
    fc
      .tuple(fc.constantFrom('api_key', 'token', 'db-password', 'client_key'), secret, fc.constantFrom('', "'", '"'))
      .map(([key, value, quote]) => `${key}: ${quote}${value}${quote}`),
    fc.tuple(word, secret).map(([key, value]) => `${key}y: { secret: "${value}", a: 1 } # ${key}`),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const unique = lines.map((text, index) => text.replace(/^([\w-]+)/, `k${index}_$1`))
      const text = unique.join('\n')
      const masked = maskYaml(text)
      assert.ok(masked)
      assert.ok(!masked.text.includes('SECRET'), masked.text)
      assert.equal(unmask(masked.text, masked.originals), text)
      assert.equal(maskYaml(masked.text, masked.originals)?.text, masked.text)
    }),
    { numRuns: 200 },
  )
})

test('/config of a disk is opened, edited, and restored onto it by a confirmed job', async () => {
  using it = await station()
  const { calls } = it
  const disk = room.path('restore.img')
  const from = folder()
  // What its own owner may not read only root can give from a folder.
  const modes = { version: 0o4755, 'security/radius.conf': process.getuid?.() === 0 ? 0o044 : 0o444 }
  for (const [path, mode] of Object.entries(modes)) chmodSync(join(from, path), mode)
  const done = await room.run([
    ...['provision', disk, '--create', '192MiB', '--layout', room.path('small.yaml'), '--config', from],
    ...['--release', room.release, '--trust', room.trust, '--yes'],
  ])
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  const { token } = await it.addFile(disk)
  const view = await calls['config.open']({ file: null, unit: token }, signal)
  assert.deepEqual(view.files.map(({ path }) => path).sort(), Object.keys(FILES).sort())
  assert.ok(!JSON.stringify(view).includes('VERY-SECRET'))
  const text = 'host: changed\n'
  await calls['config.edit']({ draft: view.draft, path: 'hypernet/server.yaml', text }, signal)

  const nothing = await calls['plan.repair']({ unit: token, repair: 'environment', image: null }, signal)
  assert.equal(nothing.refused[0].refusals[0].code, 'plan.nothing-to-repair')
  const { plans } = await calls['plan.restore']({ unit: token, draft: view.draft }, signal)
  assert.deepEqual(plans[0].title.job, { kind: 'restore', files: 9 })
  const ended = await it.finished(await it.start(plans))
  assert.equal(ended.jobs[0].state, 'verified', JSON.stringify(ended.jobs[0].diagnosis))
  const after = await calls['config.open']({ file: null, unit: token }, signal)
  assert.equal(after.files.find(({ path }) => path === 'hypernet/server.yaml')?.text, text)
  const folderAfter = await it.drafts.folder(after.draft)
  assert.equal(readFileSync(join(folderAfter, 'hypernet/api.yaml'), 'utf8'), FILES['hypernet/api.yaml'])
  const restored = new Map(it.drafts.modes(folderAfter))
  const [kept] = readdirSync(it.host.paths.journal).filter((name) => name.startsWith('config-'))
  for (const [path, mode] of Object.entries(modes)) {
    assert.equal(restored.get(path), mode, path)
    assert.equal(statSync(join(it.host.paths.journal, kept, path)).mode & 0o7777, mode, `kept: ${path}`)
  }
})

test('what a console leaves behind is cleared, except the config that an unfinished job still needs', async () => {
  const work = room.path('left')
  for (const name of ['browser/profile', 'config/old', 'config/needed']) {
    mkdirSync(`${work}/${name}`, { recursive: true })
    writeFileSync(`${work}/${name}/secret.key`, 'secret')
  }
  await clearWork(work, [`${work}/config/needed`])
  assert.deepEqual(readdirSync(work), ['config'])
  assert.deepEqual(readdirSync(`${work}/config`), ['needed'])
  await clearWork(work, [])
  assert.deepEqual(readdirSync(`${work}/config`), [])
  await clearWork(`${work}/never-was`, [])
  await assert.rejects(clearWork(room.trust, []), { code: 'ENOTDIR' }, 'what cannot be cleared is not taken as gone')
})
