// What the power-cut test works with: a small layout, boot files, and three real squashfs images as authenticated sources.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MIB, utf8 } from '#base/bytes.ts'
import type { ImageSource } from '#engine/image-source.ts'
import type { ReleaseImages } from '#engine/steps/context.ts'
import { buildFat32 } from '#format/fat32/fat32.ts'
import { parseLayoutYaml } from '#format/layout-yaml.ts'
import type { Layout } from '#model/layout.ts'
import type { ReleaseFacts } from '#model/plan.ts'
import { buildRelease } from '#testing/builders.ts'
import { plainSource, tableOf } from '#testing/image-fixture.ts'
import { seededBytes } from '#testing/random.ts'

export interface Release extends ReleaseImages {
  readonly name: string
  /** Bytes of the system image. */
  readonly bytes: Uint8Array
  readonly sha256: string
  readonly facts: ReleaseFacts
}

export interface World {
  readonly loader: Uint8Array
  readonly releases: readonly Release[]
  release(name: string): Release
}

/** ESP, two slots and data, sizes in MiB. */
export function smallLayout(esp: number, slot: number): Layout {
  const parsed = parseLayoutYaml(`name: small-${slot}
description: small slots for power cuts
partitions:
  - { role: esp, name: ESP, size: ${esp} MiB, filesystem: fat32, label: ESP, mount: /boot }
  - { role: slot-a, name: SLOT-A, size: ${slot} MiB, filesystem: none }
  - { role: slot-b, name: SLOT-B, size: ${slot} MiB, filesystem: none }
  - { role: data, name: MSP-DATA, size: rest, minimum: 8 MiB, filesystem: ext4, label: MSP-DATA, mount: /var/lib/msp }
`)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals))
  return parsed.value
}

/** All share one kernel, so that --changed-only has blocks to keep; each has an initrd of its own. */
function systemImage(directory: string, name: string): Buffer {
  const root = join(directory, `${name}.root`)
  mkdirSync(join(root, 'boot'), { recursive: true })
  writeFileSync(join(root, 'boot/kernel'), seededBytes(1_200_000, 7))
  writeFileSync(join(root, 'boot/initrd'), seededBytes(1_000_000, name.charCodeAt(0)))
  const file = join(directory, `${name}.squashfs`)
  const options = ['-comp', 'gzip', '-all-root', '-noappend', '-quiet', '-no-progress', '-mkfs-time', '0']
  execFileSync('mksquashfs', [root, file, ...options], { timeout: 60_000, stdio: ['ignore', 'ignore', 'pipe'] })
  return readFileSync(file)
}

/** A long run of zeroes behind the file system and something at its very end: the copy makes such runs zero apart. */
function withZeroRun(image: Buffer): Buffer {
  return Buffer.concat([image, Buffer.alloc(1_310_720 - (image.length % 65536)), seededBytes(4096, 9)])
}

function espSource(loader: Uint8Array): ImageSource {
  const { size, extents } = buildFat32({
    size: 36 * MIB,
    sectorSize: 512,
    volumeId: 1,
    time: new Date(0),
    partitionOffset: 0,
    files: [
      { path: 'EFI/BOOT/BOOTX64.EFI', bytes: loader },
      { path: 'EFI/BOOT/grub.cfg', bytes: utf8('set timeout=3\n') },
    ],
  })
  const bytes = new Uint8Array(size)
  for (const extent of extents) bytes.set(extent.bytes, extent.offset)
  return plainSource(bytes, tableOf(bytes, MIB))
}

/** Needs mksquashfs. */
export function makeWorld(): World {
  const directory = mkdtempSync(join(tmpdir(), 'twinslot-power-cut-'))
  try {
    const loader = seededBytes(90_000, 3)
    const esp = espSource(loader)
    const releases = ['one', 'two', 'six'].map((name, index): Release => {
      const image = systemImage(directory, name)
      const bytes = name === 'two' ? withZeroRun(image) : image
      const system = plainSource(bytes)
      const { size, sha256 } = system.table
      const facts = buildRelease({
        digest: createHash('sha256').update(name).digest('hex'),
        version: `${index + 1}.0.0`,
        counter: index + 1,
        system: { size, sha256 },
        esp: { size: esp.table.size, sha256: esp.table.sha256 },
      })
      return { name, bytes, sha256, facts, image: (role) => (role === 'system' ? system : esp) }
    })
    const release = (name: string): Release => {
      const found = releases.find((each) => each.name === name)
      if (!found) throw new Error(`no release ${name}`)
      return found
    }
    return { loader, releases, release }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
