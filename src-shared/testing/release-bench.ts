// A folder with a signing key, an image and boot files, to make releases from in tests. Deleted on dispose.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8, viewOf } from '#base/bytes.ts'
import { type CreatedRelease, type CreateOptions, createRelease } from '#node/release/create-release.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { parseTrust, type TrustedKeys } from '#trust/keyring.ts'
import { readSigningKey, type SigningKey } from '#trust/sign.ts'

export interface ReleaseBench extends AsyncDisposable {
  readonly folder: string
  readonly key: SigningKey
  readonly publicKey: string
  readonly trusted: TrustedKeys
  /** Time of everything: keys, releases, checks. */
  readonly now: Date
  /** Path of a file in the folder. */
  at(name: string): string
  /** A bundle of `image`, 64 KiB blocks, with whatever is changed. */
  create(out: string, changes?: Partial<CreateOptions>): Promise<CreatedRelease>
}

/** What a slot could hold, 5.3 blocks of 64 KiB: incompressible, compressible, zero, half zero, text, and a short rest. */
export function sampleImageBytes(): Buffer {
  const block = 65536
  const image = Buffer.alloc(5 * block + 20_000)
  let state = 1
  for (let i = 0; i < block; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    image[i] = state >>> 16
  }
  image.fill('compressible ', block, 2 * block)
  image.fill('x', 3 * block + 8192, 3 * block + 12288)
  image.fill('text of the last blocks ', 4 * block)
  return asSlotImage(image)
}

/** The same bytes with as much of an ext4 superblock as is looked at: its magic number, how many blocks of 1 KiB there are, and meta_bg, a feature with which an image is not looked into. */
export function asSlotImage<T extends Uint8Array>(image: T): T {
  const view = viewOf(image)
  image.fill(0, 1024, 2048)
  view.setUint32(1024 + 4, Math.floor(image.length / 1024), true)
  view.setUint16(1024 + 56, 0xef53, true)
  view.setUint32(1024 + 96, 0x10, true)
  return image
}

export async function openReleaseBench(
  now = new Date('2026-11-22T04:00:00Z'),
  parent = tmpdir(),
): Promise<ReleaseBench> {
  const folder = await mkdtemp(join(parent, 'twinslot-release-'))
  const at = (name: string) => join(folder, name)
  const made = await createSigningKey({ name: 'Release maker', now: new Date(now.getTime() - 1000) })
  const key = await readSigningKey(utf8(made.secret), null)
  await writeFile(at('x.img'), sampleImageBytes())
  await mkdir(at('boot/EFI/BOOT'), { recursive: true })
  await writeFile(at('boot/EFI/BOOT/BOOTX64.EFI'), Buffer.alloc(70_000, 'boot loader '))
  await writeFile(at('boot/a rather long name.cfg'), 'set timeout=3\n')
  return {
    folder,
    key,
    publicKey: made.public,
    trusted: await parseTrust(utf8(made.public)),
    now,
    at,
    create: (out, changes = {}) =>
      createRelease({
        version: '1.0.44',
        product: 'demo',
        system: at('x.img'),
        counter: 44,
        blockSize: 65536,
        key,
        created: now,
        out: at(out),
        replace: true,
        ...changes,
      }),
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true })
    },
  }
}
