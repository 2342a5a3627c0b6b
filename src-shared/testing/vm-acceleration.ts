// Whether this computer's processor runs test machines itself (KVM): tried with a machine, because the device node tells nothing.
// Where machines run in machines it may be there, open, and then fail at the firmware's first floating point instruction.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FIRMWARE_VARIABLES, machineArguments, QEMU } from './vm-arguments.ts'
import { listenForReports } from './vm-reports.ts'

export type Acceleration = 'kvm' | 'tcg'

const LIMIT_MS = 20_000
let known: Promise<Acceleration> | undefined

/** KVM when the firmware of a machine got as far as its first output with it; tried once in a process. */
export function acceleration(): Promise<Acceleration> {
  known ??= firmwareSpeaks(QEMU).then((speaks) => (speaks ? 'kvm' : 'tcg'))
  return known
}

/** Starts a machine with an empty disk under KVM. False when it ends, is halted by an error, or says nothing in time. */
export async function firmwareSpeaks(qemu: string): Promise<boolean> {
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-kvm-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const at = (name: string) => join(folder, name)
  const places = { disk: at('disk'), second: '', variables: at('variables'), shell: '' }
  await writeFile(places.disk, Buffer.alloc(1024 * 1024))
  await copyFile(FIRMWARE_VARIABLES, places.variables)
  const sockets = { monitor: at('monitor'), reports: at('reports') }
  const reports = cleanup.use(await listenForReports(sockets.reports))
  const machine = machineArguments({ attach: 'virtio', acceleration: 'kvm' }, { ...places, ...sockets })
  const child = spawn(qemu, machine, { stdio: ['ignore', 'pipe', 'ignore'], timeout: LIMIT_MS, killSignal: 'SIGKILL' })
  const ended = once(child, 'close')
  cleanup.defer(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const outcomes = [
    once(child.stdout, 'data').then(() => true),
    reports.halted().then(() => false),
    ended.then(() => false),
  ]
  return await Promise.race(outcomes)
}
