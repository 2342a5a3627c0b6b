// RAUC as a peer: a plain bundle signed with a throw-away certificate, installed by its service on a private message bus.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Input } from './inputs.ts'
import { counted, runProgram, type Variant } from './measure.ts'

const BUS = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=SOCKET</listen><auth>EXTERNAL</auth>
<policy context="default"><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
<allow send_type="method_call"/></policy></busconfig>
`

const MANIFEST = `[update]
compatible=bench
version=1
[bundle]
format=plain
[image.rootfs]
filename=system.img
`

const systemConf = (folder: string, device: string): string => `[system]
compatible=bench
bootloader=noop
mountprefix=${folder}/mnt
statusfile=${folder}/status
bundle-formats=plain
[keyring]
path=${folder}/cert.pem
[slot.rootfs.0]
device=${device}
type=raw
bootname=A
[slot.rootfs.1]
device=/dev/null
type=raw
bootname=B
`

/** Makes the bundle once. */
function makeBundle(folder: string, input: Input): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'in'), { recursive: true })
  mkdirSync(join(folder, 'mnt'))
  const [key, cert, bundle] = ['key.pem', 'cert.pem', 'out.raucb'].map((name) => join(folder, name))
  const subject = ['-subj', '/CN=bench', '-days', '30']
  const options = { stdio: 'ignore' } as const
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject],
    options,
  )
  linkSync(input.image, join(folder, 'in', 'system.img'))
  writeFileSync(join(folder, 'in', 'manifest.raucm'), MANIFEST)
  const squashfs = '--mksquashfs-args=-noI -noD -noF -noX'
  execFileSync('rauc', ['bundle', `--cert=${cert}`, `--key=${key}`, squashfs, join(folder, 'in'), bundle], options)
  rmSync(join(folder, 'in'), { recursive: true })
  return bundle
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((done) => child.once('close', done))
  child.kill('SIGTERM')
  await ended
}

function usage(pid: number): { cpuSeconds: number; peakMiB: number } {
  const ticks = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return { cpuSeconds: (Number(ticks[11]) + Number(ticks[12])) / 100, peakMiB: Number(peak?.[1] ?? 0) / 1024 }
}

/** The service is started fresh for each run; only the installation is timed. */
export function rauc(input: Input, device: string, folder: string): Variant {
  const bundle = makeBundle(folder, input)
  writeFileSync(join(folder, 'system.conf'), systemConf(folder, device))
  writeFileSync(join(folder, 'bus.conf'), BUS.replace('SOCKET', join(folder, 'bus')))
  return {
    name: 'RAUC plain bundle',
    verifies: false,
    once: true,
    async run() {
      rmSync(join(folder, 'bus'), { force: true })
      const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${join(folder, 'bus')}` }
      const options = { stdio: 'ignore', env } as const
      const bus = spawn('dbus-daemon', [`--config-file=${join(folder, 'bus.conf')}`, '--nofork'], options)
      await sleep(500)
      const conf = `--conf=${join(folder, 'system.conf')}`
      const service = spawn('rauc', [conf, '--override-boot-slot=B', 'service'], options)
      await sleep(1000)
      try {
        return await counted([device], async () => {
          const ended = await runProgram('env', [
            `DBUS_SYSTEM_BUS_ADDRESS=${env.DBUS_SYSTEM_BUS_ADDRESS}`,
            'rauc',
            'install',
            bundle,
          ])
          return { ...ended, ...usage(service.pid ?? 0) }
        })
      } finally {
        await stop(service)
        await stop(bus)
      }
    },
  }
}
