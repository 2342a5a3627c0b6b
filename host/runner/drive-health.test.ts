import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { findTool } from '#node/os/run-tool.ts'
import { driveHealth, healthOf } from './drive-health.ts'

const root = mkdtempSync(join(tmpdir(), 'twinslot-health-'))
after(() => rmSync(root, { recursive: true, force: true }))

/** smartctl's answer, cut to what is looked at; the shapes are those of smartmontools 7. */
const answer = (said: object, exit_status = 0): string => JSON.stringify({ smartctl: { exit_status }, ...said })

const row = (id: number, string: string, value = 0) => ({ id, raw: { value, string } })

test('an NVMe drive tells its verdict, wear and media errors', () => {
  const said = {
    smart_status: { passed: true, nvme: { value: 0 } },
    nvme_smart_health_information_log: { percentage_used: 3, media_errors: 1, power_on_hours: 2401 },
    temperature: { current: 36 },
    power_on_time: { hours: 2401 },
  }
  assert.deepEqual(healthOf(answer(said)), {
    ok: true,
    health: {
      source: 'smartctl',
      passed: true,
      celsius: 36,
      powerOnHours: 2401,
      usedPercent: 3,
      reallocatedSectors: null,
      pendingSectors: null,
      uncorrectableSectors: null,
      mediaErrors: 1,
      linkErrors: null,
    },
  })
})

test('a failing SATA drive is told as such although smartctl ends with another code than 0', () => {
  const table = [
    row(5, '1975', 99),
    row(197, '8'),
    row(198, '0'),
    row(199, '12 (3 4)', 1e12),
    row(194, '25 (Min/Max 19/39)'),
  ]
  const found = healthOf(answer({ smart_status: { passed: false }, ata_smart_attributes: { table } }, 216))
  assert.ok(found.ok)
  const { passed, reallocatedSectors, pendingSectors, uncorrectableSectors, linkErrors } = found.health
  assert.deepEqual(
    [passed, reallocatedSectors, pendingSectors, uncorrectableSectors, linkErrors],
    [false, 1975, 8, 0, 12],
    'packed raw values are read as smartctl reads them',
  )
  const scsi = healthOf(answer({ smart_status: { passed: true }, scsi_grown_defect_list: 4 }))
  assert.equal(scsi.ok && scsi.health.reallocatedSectors, 4)
})

test('what smartctl could not open, does not know, or says in another form is a reason, not a number', () => {
  const messages = [{ string: '/dev/sdx: Unknown USB bridge [0x1234:0x5678 (0x100)]', severity: 'error' }]
  const bridge = healthOf(JSON.stringify({ smartctl: { exit_status: 1, messages } }))
  assert.match(bridge.ok ? '' : bridge.whyNot, /does not tell its health: .*Unknown USB bridge/)
  assert.match(JSON.stringify(healthOf(answer({ smart_status: { passed: true } }, 2))), /exit status 2/)
  for (const text of ['', '[]', '{"smartctl":1}', 'smartctl 7.3', answer({})])
    assert.equal(healthOf(text).ok, false, text)
  const odd = healthOf(answer({ smart_status: 'fine', temperature: { current: 36 }, power_on_time: { hours: -1 } }))
  assert.deepEqual(odd.ok && [odd.health.passed, odd.health.celsius, odd.health.powerOnHours], [null, 36, null])
})

test('a virtual disk has none, eMMC is asked through the kernel, a card that does not tell is not guessed', async () => {
  for (const bus of ['file', 'loop', 'memory'] as const)
    assert.deepEqual(await driveHealth({ path: '/x.img', bus }), { ok: false, whyNot: 'a virtual disk has no health' })
  const card = (name: string, files: Readonly<Record<string, string>>) => {
    const folder = join(root, 'class/block', name, 'device')
    mkdirSync(folder, { recursive: true })
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
    return driveHealth({ path: `/dev/${name}`, bus: 'mmc' }, { sys: root })
  }
  const used = await card('mmcblk0', { life_time: '0x02 0x03\n', pre_eol_info: '0x01\n' })
  assert.deepEqual(used.ok && [used.health.usedPercent, used.health.passed, used.health.source], [30, true, 'kernel'])
  const worn = await card('mmcblk1', { life_time: '0x0b 0x01\n', pre_eol_info: '0x03\n' })
  assert.deepEqual(worn.ok && [worn.health.usedPercent, worn.health.passed], [110, false])
  assert.equal((await card('mmcblk2', { life_time: '0x00 0x00\n', pre_eol_info: '0x00\n' })).ok, false)
  assert.equal((await card('mmcblk3', {})).ok, false)
})

test('smartctl itself understands how it is asked, and why it has no answer is told', async (t) => {
  if (!(await findTool('smartctl'))) return t.skip('needs smartctl')
  const found = await driveHealth({ path: '/dev/null', bus: 'ata' })
  assert.deepEqual(found, {
    ok: false,
    whyNot: 'the drive does not tell its health: /dev/null: Unable to detect device type',
  })
})

test('smartctl is asked for one device only, and a drive that never answers keeps no job waiting', async () => {
  const folder = join(root, 'bin')
  mkdirSync(folder)
  const said = answer({ smart_status: { passed: true } })
  const path = process.env.PATH
  process.env.PATH = `${folder}:${path}`
  try {
    const program = (body: string) => writeFileSync(join(folder, 'smartctl'), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
    program(`echo "$@" > ${join(root, 'args')}\necho '${said}'\nexit 64`)
    const found = await driveHealth({ path: '/dev/sdz', bus: 'ata' })
    assert.equal(found.ok && found.health.passed, true)
    const asked = readFileSync(join(root, 'args'), 'utf8').trim()
    assert.equal(asked, '--json=c --info --health --attributes /dev/sdz')
    program('sleep 30')
    const late = await driveHealth({ path: '/dev/sdz', bus: 'usb' }, { timeoutMs: 200 })
    assert.deepEqual(late, { ok: false, whyNot: 'the drive did not answer in time' })
    program('kill -9 $$')
    assert.equal((await driveHealth({ path: '/dev/sdz', bus: 'nvme' })).ok, false)
  } finally {
    process.env.PATH = path
  }
})
