// The demo's release: a key, GRUB's boot files and the demo system image, packed into one signed bundle. Made once and
// kept as long as its inputs stay the same.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildDemoImage } from '#device/image/demo/build.ts'
import { writeBootFiles } from '#node/boot/boot-files.ts'
import { createRelease } from '#node/release/create-release.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { readSigningKey } from '#trust/sign.ts'
import type { Show } from './demo-show.ts'

export interface DemoRelease {
  /** The first one. */
  readonly release: string
  /** Oldest first: one to provision with, and one to update to. */
  readonly releases: readonly string[]
  readonly trust: string
  readonly secret: string
  readonly config: string
}

const VERSIONS = ['1.0.0', '1.1.0'] as const

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Key pair and /config of the bench, made at the first start. */
async function makeBench(bench: string): Promise<Omit<DemoRelease, 'release' | 'releases'>> {
  await mkdir(bench, { recursive: true })
  const files = {
    secret: join(bench, 'demo-key.asc'),
    trust: join(bench, 'demo-trust.asc'),
    config: join(bench, 'config'),
  }
  if (!(await exists(files.trust))) {
    const key = await createSigningKey({ name: 'Twinslot demo', email: 'demo@example.org', now: new Date() })
    await writeFile(files.secret, key.secret, { mode: 0o600 })
    await writeFile(files.trust, key.public)
  }
  await mkdir(join(files.config, 'hypernet'), { recursive: true })
  await writeFile(
    join(files.config, 'hypernet', 'server.yaml'),
    'server:\n  host: 0.0.0.0\n  port: 8443\n  workers: 4\n',
  )
  await writeFile(join(files.config, 'version'), '2\n')
  return files
}

const digestOf = async (...paths: string[]): Promise<string> => {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(await readFile(path))
  return hash.digest('hex')
}

/** Makes what is not there yet; the first one only, unless `all` is asked for. */
export async function makeDemoRelease(root: string, bench: string, say: Show, all = false): Promise<DemoRelease> {
  const files = await makeBench(bench)
  say.line("boot files: Debian's GRUB with the slot protocol inside")
  const boot = join(bench, 'demo-boot')
  await rm(boot, { recursive: true, force: true })
  await writeBootFiles(boot)
  const releases: string[] = []
  for (const version of all ? VERSIONS : VERSIONS.slice(0, 1))
    releases.push(await makeOne(root, bench, { version, boot, ...files }, say))
  return { ...files, release: releases[0], releases }
}

type Parts = Omit<DemoRelease, 'release' | 'releases'> & {
  readonly version: (typeof VERSIONS)[number]
  readonly boot: string
}

async function makeOne(root: string, bench: string, parts: Parts, say: Show): Promise<string> {
  const { version, boot, trust, secret } = parts
  say.line(`system image ${version}: Debian kernel, initrd and busybox in a squashfs`)
  const system = join(bench, `demo-system-${version}.squashfs`)
  await buildDemoImage({ version, behaviour: 'good', cacheDir: join(root, '.cache'), outFile: system })
  const release = join(bench, `demo-${version}.twinslot`)
  const stamp = join(bench, `demo-${version}.sha256`)
  const inputs = await digestOf(
    system,
    trust,
    join(boot, 'EFI', 'BOOT', 'BOOTX64.EFI'),
    join(boot, 'EFI', 'BOOT', 'grub.cfg'),
  )
  const known = await readFile(stamp, 'utf8').catch(() => '')
  if (known === inputs && (await exists(release))) return release
  say.line('packing and signing')
  await rm(release, { force: true })
  await createRelease({
    version,
    product: 'twinslot-demo',
    system,
    boot,
    counter: VERSIONS.indexOf(version) + 1,
    key: await readSigningKey(await readFile(secret), null),
    created: new Date(),
    out: release,
  })
  await writeFile(stamp, inputs)
  return release
}
