// A room for command line tests: a temporary directory with a key, small signed releases and boot files, all made by the
// command itself. The boot files are bytes that no firmware runs; VM tests use real ones.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Run, twinslot } from './twinslot.ts'

export interface Room extends AsyncDisposable {
  readonly path: (name: string) => string
  readonly trust: string
  readonly secret: string
  /** Release 1.0.0, counter 1, with boot files. */
  readonly release: string
  /** The same environment for every command: state (journal, reports) stays in the room. */
  readonly env: Readonly<Record<string, string>>
  run(args: readonly string[]): Promise<Run>
  /** Another release; options are those of `release create`. */
  makeRelease(name: string, options: readonly string[], system?: string): Promise<string>
}

/** Small slots, so that whole disks are quick to check: ESP 64 MiB, slots 16 MiB, data the rest. */
export const SMALL_LAYOUT = `name: small
description: small slots for tests
partitions:
  - { role: esp, name: ESP, size: 64 MiB, filesystem: fat32, label: ESP, mount: /boot }
  - { role: slot-a, name: SLOT-A, size: 16 MiB, filesystem: none }
  - { role: slot-b, name: SLOT-B, size: 16 MiB, filesystem: none }
  - { role: data, name: MSP-DATA, size: rest, filesystem: ext4, label: MSP-DATA, mount: /var/lib/msp }
`

/** Bytes that do not compress and are the same every time. */
export function noise(seed: string, length: number): Buffer {
  const parts: Buffer[] = []
  for (let i = 0; i * 32 < length; i++) parts.push(createHash('sha256').update(`${seed} ${i}`).digest())
  return Buffer.concat(parts).subarray(0, length)
}

/** A squashfs with /boot/kernel and /boot/initrd, about `size` bytes. */
export function makeSystemImage(directory: string, name: string, size = 3_000_000): string {
  const root = join(directory, `${name}.root`)
  mkdirSync(join(root, 'boot'), { recursive: true })
  writeFileSync(join(root, 'boot', 'kernel'), noise(`${name} kernel`, size / 2))
  writeFileSync(join(root, 'boot', 'initrd'), noise(`${name} initrd`, size / 2))
  const image = join(directory, `${name}.squashfs`)
  execFileSync('mksquashfs', [root, image, '-comp', 'gzip', '-all-root', '-noappend', '-quiet', '-mkfs-time', '0'], {
    timeout: 60_000,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return image
}

export async function openRoom(): Promise<Room> {
  const directory = mkdtempSync(join(tmpdir(), 'twinslot-room-'))
  const path = (name: string) => join(directory, name)
  const env = { TWINSLOT_STATE: path('state') }
  const run = (args: readonly string[]) => twinslot(args, { env })
  const must = async (args: readonly string[]) => {
    const done = await run(args)
    if (done.exit !== 0) throw new Error(`twinslot ${args.join(' ')}: ${JSON.stringify(done.result)}\n${done.stderr}`)
  }
  await must([
    'key',
    'create',
    '--name',
    'Test <test@example.org>',
    '--secret',
    path('key.asc'),
    '--public',
    path('trust.asc'),
  ])
  mkdirSync(path('boot/EFI/BOOT'), { recursive: true })
  writeFileSync(path('boot/EFI/BOOT/BOOTX64.EFI'), noise('loader', 900_000))
  writeFileSync(path('boot/EFI/BOOT/grub.cfg'), 'set timeout=3\n')
  writeFileSync(path('small.yaml'), SMALL_LAYOUT)
  const makeRelease = async (name: string, options: readonly string[], system = makeSystemImage(directory, name)) => {
    const out = path(`${name}.twinslot`)
    const base = ['release', 'create', '--system', system, '--key', path('key.asc'), '--out', out]
    const defaults = ['--version', '--product'].flatMap((option, i) =>
      options.includes(option) ? [] : [option, ['1.0.0', 'demo'][i]],
    )
    await must([...base, ...defaults, ...options])
    return out
  }
  return {
    path,
    trust: path('trust.asc'),
    secret: path('key.asc'),
    release: await makeRelease('one', ['--boot', path('boot')]),
    env,
    run,
    makeRelease,
    async [Symbol.asyncDispose]() {
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
