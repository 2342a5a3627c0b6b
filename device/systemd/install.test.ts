// The units are judged by systemd-analyze verify, and by what the specifications and the defects of others ask of them.
import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { BUILT_IN_LAYOUTS } from '#model/layouts.ts'
import { findTool, runTool } from '#node/os/run-tool.ts'
import { DEADLINE_SECONDS } from '#node/recipe/initrd.ts'
import { PROGRAMS } from '../build.ts'
import { installUnits, mountRows, mountUnitName, mountUnits } from './install.ts'

const UNITS = 'usr/lib/systemd/system'
const unit = (name: string): Promise<string> => readFile(join(import.meta.dirname, name), 'utf8')
/** All values of a setting, comments left out. */
const valuesOf = (text: string, key: string): string[] =>
  text.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []))

/** Options that give a service a mount namespace of its own (systemd.exec(5)). */
const NAMESPACED = `ProtectSystem ProtectHome ProtectKernelModules ProtectKernelTunables ProtectKernelLogs
  ProtectControlGroups ProtectProc ReadWritePaths ReadOnlyPaths InaccessiblePaths ExecPaths NoExecPaths PrivateTmp
  PrivateDevices PrivateMounts MountFlags MountAPIVFS RootDirectory RootImage TemporaryFileSystem BindPaths
  BindReadOnlyPaths DynamicUser PrivateUsers`.split(/\s+/)

test('defect 2: no sandbox keeps gate or agent from the disk, or from mounting /boot anew for everybody', async () => {
  for (const name of ['msp-health-gate.service', 'twinslot-agent.service']) {
    const text = await unit(name)
    for (const option of NAMESPACED) assert.deepEqual(valuesOf(text, option), [], `${name}: ${option}`)
    assert.deepEqual(valuesOf(text, 'User'), [])
    assert.ok(valuesOf(text, 'DeviceAllow').includes('block-* rw'), name)
    assert.match(valuesOf(text, 'CapabilityBoundingSet')[0], /\bCAP_SYS_ADMIN\b/)
    assert.doesNotMatch(valuesOf(text, 'SystemCallFilter').join(' '), /@mount|@raw-io|@privileged/)
  }
})

test('the gate runs once, before the agent, and has time for services that need five minutes', async () => {
  const gate = await unit('msp-health-gate.service')
  assert.deepEqual(valuesOf(gate, 'Type'), ['oneshot'])
  assert.ok(Number(valuesOf(gate, 'TimeoutStartSec')[0]) >= 60 + 300)
  assert.match(valuesOf(gate, 'After')[0], /network-online\.target local-fs\.target/)
  assert.match(valuesOf(gate, 'Before')[0], /twinslot-agent\.service/)
  assert.match(valuesOf(await unit('twinslot-agent.service'), 'After')[0], /msp-health-gate\.service/)
})

test('a gate that crashes on a trial restarts the machine; one that decided, or a confirmed slot, does not', async () => {
  assert.deepEqual(valuesOf(await unit('msp-health-gate.service'), 'OnFailure'), ['twinslot-gate-failed.service'])
  const [decided, trial] = valuesOf(await unit('twinslot-gate-failed.service'), 'ExecCondition')
  const script = /^\/bin\/sh -c '(.*)'$/.exec(decided)?.[1] ?? ''
  const code = async (result: string, status: string) => {
    const env = { MONITOR_SERVICE_RESULT: result, MONITOR_EXIT_STATUS: status }
    return (await runTool('sh', ['-c', script], { timeoutMs: 10_000, env })).code
  }
  for (const status of ['1', '2']) assert.equal(await code('exit-code', status), 1)
  assert.equal(await code('exit-code', '70'), 0)
  assert.equal(await code('timeout', 'TERM'), 0)
  assert.equal(await code('signal', 'SEGV'), 0)
  const asks = async (env: string, cmdline = 'quiet ab.partition=B panic=5') => {
    const folder = await mkdtemp(join(tmpdir(), 'twinslot-unit-'))
    const [block, line] = [join(folder, 'grubenv'), join(folder, 'cmdline')]
    await writeFile(block, `# GRUB Environment Block\nab_good=A\n${env}\n####`)
    await writeFile(line, `${cmdline}\n`)
    const condition = (/^\/bin\/sh -c '(.*)'$/.exec(trial)?.[1] ?? '').replaceAll('$$', '$')
    const here = condition.replace('/proc/cmdline', line).replace('/boot/grubenv', block)
    const { code } = await runTool('sh', ['-c', here], { timeoutMs: 10_000 })
    await rm(folder, { recursive: true })
    return code
  }
  assert.equal(await asks('ab_try=B\nab_left=2'), 0)
  assert.equal(await asks('ab_try=\nab_left=3'), 1)
  assert.equal(await asks('ab_try=B\nab_left=2', 'ab.partition=A'), 1, 'the other slot is on trial, not this one')
  assert.equal(await asks('ab_try=B\nab_left=2', 'root=/dev/sda2'), 1)
})

test('the agent restarts after failures as the specification says, five times in ten minutes', async () => {
  const agent = await unit('twinslot-agent.service')
  assert.deepEqual(valuesOf(agent, 'Restart'), ['on-failure'])
  assert.deepEqual(valuesOf(agent, 'RestartSec'), ['10s'])
  assert.deepEqual(valuesOf(agent, 'StartLimitBurst'), ['5'])
  assert.deepEqual(valuesOf(agent, 'StartLimitIntervalSec'), ['600'])
})

test('a hang is ended by the hardware watchdog and a panic restarts: both are counted without user space', async () => {
  assert.match(await unit('watchdog.conf'), /^RuntimeWatchdogSec=30s$/m)
  assert.match(await unit('watchdog.conf'), /^CrashShell=no\nCrashReboot=yes$/m)
  assert.match(await unit('sysctl.conf'), /^kernel\.panic = 5$/m)
})

test('every partition of both layouts is mounted with nodev, nosuid and noexec, and the ESP read-only', () => {
  const found = Object.values(BUILT_IN_LAYOUTS).map((layout) =>
    [...mountUnits(layout)].map(([name, text]) => {
      const options = valuesOf(text, 'Options')[0].split(',')
      for (const option of ['nodev', 'nosuid', 'noexec']) assert.ok(options.includes(option), `${name} ${option}`)
      assert.ok(options.includes(name === 'boot.mount' ? 'ro' : 'rw'), name)
      return `${name} ${valuesOf(text, 'What')[0]} ${valuesOf(text, 'Type')[0]}`
    }),
  )
  assert.deepEqual(found, [
    [
      'boot.mount /dev/disk/twinslot/ESP vfat',
      'var-lib-msp.mount /dev/disk/twinslot/MSP-DATA ext4',
      'config.mount /var/lib/msp/config none',
    ],
    [
      'boot.mount /dev/disk/twinslot/ESP vfat',
      'config.mount /dev/disk/twinslot/CONFIG ext4',
      'data.mount /dev/disk/twinslot/DATA ext4',
      'media.mount /dev/disk/twinslot/MEDIA xfs',
      'logs.mount /dev/disk/twinslot/LOGS ext4',
      'cache.mount /dev/disk/twinslot/CACHE ext4',
    ],
  ])
})

test('nothing that fails to mount keeps gate and agent from starting, or ends in emergency mode', async () => {
  const [boot] = Object.values(BUILT_IN_LAYOUTS).map((layout) => [...mountUnits(layout).values()])
  for (const text of [...boot, ...(await Promise.all(['msp-health-gate.service', 'twinslot-agent.service'].map(unit)))])
    for (const hard of ['Requires', 'RequiresMountsFor', 'BindsTo', 'RequiredBy', 'Requisite'])
      assert.ok(!valuesOf(text, hard).some((value) => /local-fs|\.mount|\//.test(value)), `${hard} in ${text}`)
  const root = await mkdtemp(join(tmpdir(), 'twinslot-units-'))
  try {
    const written = await installUnits({ outDir: root, layout: BUILT_IN_LAYOUTS['hypernet-server'] })
    assert.deepEqual(
      written.filter((path) => path.includes('.requires/')),
      [`/${UNITS}/twinslot-boot-complete.target.requires/msp-health-gate.service`],
    )
    // The root is read-only: nobody can make them later.
    for (const folder of ['boot', 'config', 'data', 'data/twinslot', 'media', 'logs', 'cache'])
      assert.deepEqual(await readdir(join(root, folder)), folder === 'data' ? ['twinslot'] : [])
    for (const mode of ['emergency', 'rescue'])
      assert.ok(written.includes(`/${UNITS}/${mode}.target.wants/twinslot-stranded.service`))
  } finally {
    await rm(root, { recursive: true })
  }
})

test('emergency and rescue restart only while the gate owes a verdict, which no start from the recovery menu does', async () => {
  const text = await unit('twinslot-stranded.service')
  assert.deepEqual(valuesOf(text, 'ConditionPathExists'), ['/run/twinslot-deadline'])
  assert.deepEqual(valuesOf(text, 'DefaultDependencies'), ['no'])
  assert.ok(valuesOf(text, 'ExecStart').includes('/bin/systemctl reboot --force'))
  const recipe = join(import.meta.dirname, '../../src-shared/node')
  const init = await readFile(join(recipe, 'recipe/initrd-init'), 'utf8')
  assert.match(init, /if \[ -f \/etc\/deadline \] && ! grep -qw ab\.recovery \/proc\/cmdline; then\n {2}mkfifo/)
  const menu = await readFile(join(recipe, 'boot/grub/recovery.cfg'), 'utf8')
  assert.equal(menu.match(/set twinslot_arguments="[^"]*\bab\.recovery\b[^"]*"/g)?.length, 2)
})

test('the deadline is later than the slowest start that is none to worry about', async () => {
  const gate = Number(valuesOf(await unit('msp-health-gate.service'), 'TimeoutStartSec')[0])
  const mounts = [...mountUnits(BUILT_IN_LAYOUTS['hypernet-server']).values()].map((text) =>
    Number(valuesOf(text, 'TimeoutSec')[0]),
  )
  // 90 s until systemd gives up on a device, and its 120 s for the network.
  assert.ok(DEADLINE_SECONDS > gate + Math.max(...mounts) + 90 + 120)
})

test('a stand-in tells what is not mounted, and lays memory over the state folder only', async () => {
  assert.equal(
    mountRows(BUILT_IN_LAYOUTS['hypernet-server']),
    'ESP /boot -\nCONFIG /config -\nDATA /data /data/twinslot\nMEDIA /media -\nLOGS /logs -\nCACHE /cache -\n',
  )
  assert.equal(mountRows(BUILT_IN_LAYOUTS['hp-t640']), 'ESP /boot -\nMSP-DATA /var/lib/msp /var/lib/msp\n')
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-stand-in-'))
  try {
    const place = (name: string) => join(folder, name)
    await writeFile(
      place('mountinfo'),
      '22 1 8:1 / /boot ro - vfat /dev/sda1 ro\n23 1 8:5 / /data2 rw - ext4 /dev/sda5 rw\n',
    )
    await writeFile(place('mounts'), mountRows(BUILT_IN_LAYOUTS['hypernet-server']))
    await writeFile(place('mount'), `#!/bin/sh\necho "$*" >>${place('mounted')}\n`, { mode: 0o755 })
    const script = (await unit('twinslot-stand-in'))
      .replace('/proc/self/mountinfo', place('mountinfo'))
      .replace('/usr/lib/twinslot/mounts', place('mounts'))
      .replaceAll('/run/twinslot-missing', place('missing'))
    const env = { PATH: `${folder}:${process.env.PATH}` }
    const { stderr } = await runTool('sh', ['-c', script], { timeoutMs: 10_000, env })
    assert.match(stderr, /partition CACHE is not mounted at \/cache/)
    const missing = 'CONFIG /config -\nDATA /data /data/twinslot\nMEDIA /media -\nLOGS /logs -\nCACHE /cache -\n'
    assert.equal(await readFile(place('missing'), 'utf8'), missing)
    const memory = '-t tmpfs -o mode=700,size=16m,nodev,nosuid,noexec twinslot-stand-in /data/twinslot\n'
    assert.equal(await readFile(place('mounted'), 'utf8'), memory)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('an encrypted partition is mounted from its opened volume', () => {
  const [esp, , , data] = BUILT_IN_LAYOUTS['hp-t640'].partitions
  const layout = {
    name: 'x',
    description: '',
    partitions: [esp, { ...data, name: 'DATA', encryption: 'luks2' as const }],
  }
  assert.match(mountUnits(layout).get('var-lib-msp.mount') ?? '', /^What=\/dev\/mapper\/data-encrypted$/m)
})

test('mount units have the names that systemd-escape gives', async (t) => {
  if (!(await findTool('systemd-escape'))) return t.skip('needs systemd-escape (apt install systemd)')
  for (const path of ['/boot', '/var/lib/msp', '/srv/media-files']) {
    const { stdout } = await runTool('systemd-escape', ['--path', '--suffix=mount', path], { timeoutMs: 10_000 })
    assert.equal(mountUnitName(path), stdout.trim())
  }
})

test('systemd finds nothing to complain about, and everything that is enabled exists', async (t) => {
  if (!(await findTool('systemd-analyze'))) return t.skip('needs systemd-analyze (apt install systemd)')
  for (const layout of Object.values(BUILT_IN_LAYOUTS)) {
    const root = await mkdtemp(join(tmpdir(), 'twinslot-units-'))
    try {
      const written = await installUnits({ outDir: root, layout })
      for (const path of written.filter((name) => /\.(wants|requires)\//.test(name)))
        await readFile(join(root, dirname(path), await readlink(join(root, path))), 'utf8')
      // The programs that the units start; verify asks whether they are there.
      for (const name of [
        ...PROGRAMS.map((program) => `usr/bin/${program}`),
        'bin/sh',
        'bin/grep',
        'bin/echo',
        'bin/systemctl',
      ]) {
        await mkdir(dirname(join(root, name)), { recursive: true })
        await writeFile(join(root, name), '')
        await chmod(join(root, name), 0o755)
      }
      // Units of systemd itself that ours name.
      for (const name of [
        'network-online',
        'local-fs',
        'time-set',
        'multi-user',
        'sysinit',
        'basic',
        'shutdown',
        'emergency',
        'rescue',
      ])
        await writeFile(join(root, UNITS, `${name}.target`), '[Unit]\nDescription=Standing in\n')
      const units = (await readdir(join(root, UNITS))).filter((name) =>
        /^(msp|twinslot)-.*\.(service|target)$|\.mount$/.test(name),
      )
      const { code, stdout, stderr } = await runTool(
        'systemd-analyze',
        ['verify', `--root=${root}`, '--man=no', '--recursive-errors=one', ...units],
        { timeoutMs: 60_000 },
      )
      const said = `${stdout}${stderr}`
        .trim()
        .split('\n')
        .filter((line) => /msp|twinslot|\.mount/.test(line))
      assert.deepEqual({ code, said }, { code: 0, said: [] }, `${stdout}${stderr}`)
    } finally {
      await rm(root, { recursive: true })
    }
  }
})
