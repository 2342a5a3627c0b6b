// A system of busybox, a shell script as init and a file as kernel: what the steps of an image recipe are tested with, where
// a whole Debian would take minutes. Run as a program, it builds into the folder it is given and prints the error's code.
import { chmod, copyFile, mkdir, realpath, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { utf8 } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import { parseBuildConfig } from '#format/build-config.ts'
import { findTool } from '#node/os/run-tool.ts'
import { type BaseMaker, buildImage } from '#node/recipe/build-image.ts'
import type { BuildOptions } from '#node/recipe/build-options.ts'
import { kernelIn } from '#node/recipe/kernel.ts'
import type { BuildRoom } from '#node/recipe/room.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { readSigningKey } from '#trust/sign.ts'

export const CREATED = new Date('2026-11-22T00:00:00Z')

/** A recipe with these rows added. */
export const recipe = (rows = ''): string =>
  `base_os: debian-12\nproduct: small\nversion: 1.0.0\ncompression: gzip\nslot_size: 64 MiB\n${rows}`

export interface SmallBase {
  readonly kernel?: boolean
  readonly init?: boolean
  /** Drivers that its kernel has. */
  readonly builtIn?: readonly string[]
  /** Called with the tree, after it was made. */
  readonly more?: (tree: string) => Promise<void>
}

/** Makes the tree without apt. */
const DRIVERS = ['ext4/ext4', 'fat/vfat', 'xfs/xfs']

export function smallBase({ kernel = true, init = true, builtIn = DRIVERS, more }: SmallBase = {}): BaseMaker {
  return {
    tools: ['busybox'],
    prepare: async () => ({ sources: [], mirrors: [], aptConfig: '' }),
    async makeBase({ tree }) {
      for (const folder of ['bin', 'sbin', 'etc', 'usr/bin', 'var/log/apt', 'var/lib/dpkg', 'boot', 'root'])
        await mkdir(join(tree, folder), { recursive: true })
      await copyFile(await realpath((await findTool('busybox')) ?? ''), join(tree, 'bin/busybox'))
      await chmod(join(tree, 'bin/busybox'), 0o755)
      for (const name of ['sh', 'cat', 'echo', 'ls', 'sleep', 'touch', 'test', 'ip'])
        await symlink('busybox', join(tree, 'bin', name))
      if (init) await writeFile(join(tree, 'sbin/init'), '#!/bin/sh\nexec sleep 1000000\n', { mode: 0o755 })
      const status =
        'Package: small\nStatus: install ok installed\nVersion: 1:2-3\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n'
      await writeFile(join(tree, 'var/lib/dpkg/status'), status)
      // What no image may have.
      await writeFile(join(tree, 'var/log/apt/history.log'), String(process.hrtime.bigint()))
      await writeFile(join(tree, 'etc/machine-id'), `${process.hrtime.bigint()}\n`)
      await writeFile(join(tree, 'etc/resolv.conf'), 'nameserver 192.0.2.1\n')
      await more?.(tree)
    },
    async installPackages() {},
    async fetchKernel(room: BuildRoom, _lists, wanted) {
      const files = join(room.work, 'kernel')
      const folder = join(files, 'lib/modules/6.0.0-small')
      await mkdir(folder, { recursive: true })
      await mkdir(join(files, 'boot'))
      await writeFile(join(folder, 'modules.builtin'), builtIn.map((name) => `kernel/fs/${name}.ko\n`).join(''))
      await writeFile(join(folder, 'modules.order'), '')
      if (kernel) await writeFile(join(files, 'boot/vmlinuz-6.0.0-small'), 'not really a kernel\n'.repeat(1000))
      return await kernelIn(room, files, wanted, ['linux-small=6.0.0'])
    },
  }
}

/** Options of a build with a key made for it. */
export async function smallBuild(rows: string, folder: string, out: string): Promise<BuildOptions> {
  const parsed = parseBuildConfig(utf8(recipe(rows)))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals))
  const { secret } = await createSigningKey({ name: 'Small', now: CREATED })
  const key = await readSigningKey(utf8(secret), null)
  const { slot_size: slotSize = 0 } = parsed.value
  return { config: parsed.value, folder, configDigest: '0'.repeat(64), out, key, slotSize, created: CREATED }
}

if (import.meta.main) {
  const [folder = ''] = process.argv.slice(2)
  try {
    await buildImage(await smallBuild('', folder, join(folder, 'out')), smallBase())
    await rename(join(folder, 'out'), join(folder, 'built'))
  } catch (error) {
    console.log(isEngineError(error) ? error.code : String(error))
  }
}
