// The demo's release: a key, GRUB's boot files and the demo system image, packed into one signed bundle. Made once and
// kept as long as its inputs stay the same.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildDemoImage } from '../device/image/demo/build.ts'
import { writeBootFiles } from '../src-shared/node/boot-files.ts'
import { createRelease } from '../src-shared/node/create-release.ts'
import { createSigningKey } from '../src-shared/node/signing-key.ts'
import { readSigningKey } from '../src-shared/trust/sign.ts'
import type { Show } from './demo-show.ts'

export interface DemoRelease {
  readonly release: string
  readonly trust: string
  readonly secret: string
  readonly config: string
}

const VERSION = '1.0.0'

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Key pair and /config of the bench, made at the first start. */
async function makeBench(bench: string): Promise<Omit<DemoRelease, 'release'>> {
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

export async function makeDemoRelease(root: string, bench: string, say: Show): Promise<DemoRelease> {
  const cache = join(root, '.cache')
  const files = await makeBench(bench)
  say.line('system image: Debian kernel, initrd and busybox in a squashfs')
  const system = join(bench, 'demo-system.squashfs')
  await buildDemoImage({ version: VERSION, behaviour: 'good', cacheDir: cache, outFile: system })
  say.line("boot files: Debian's GRUB with the slot protocol inside")
  const boot = join(bench, 'demo-boot')
  await rm(boot, { recursive: true, force: true })
  await writeBootFiles(boot)
  const release = join(bench, `demo-${VERSION}.twinslot`)
  const stamp = join(bench, 'demo-release.sha256')
  const inputs = await digestOf(
    system,
    files.trust,
    join(boot, 'EFI', 'BOOT', 'BOOTX64.EFI'),
    join(boot, 'EFI', 'BOOT', 'grub.cfg'),
  )
  const known = await readFile(stamp, 'utf8').catch(() => '')
  if (known === inputs && (await exists(release))) return { ...files, release }
  say.line('packing and signing')
  await rm(release, { force: true })
  await createRelease({
    version: VERSION,
    product: 'twinslot-demo',
    system,
    boot,
    counter: 1,
    key: await readSigningKey(await readFile(files.secret), null),
    created: new Date(),
    out: release,
  })
  await writeFile(stamp, inputs)
  return { ...files, release }
}
