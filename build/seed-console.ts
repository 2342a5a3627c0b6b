// A console that a newcomer can try at once: the demo releases with their key, an empty virtual T640, a config folder.
// Done once per demo release: what a person removes afterwards stays removed.

import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { GB } from '#base/bytes.ts'
import { NO_CONSENT } from '#host/consent.ts'
import { type Console, openConsole } from '#host/console.ts'
import { developmentRunner, runnerFor } from '#host/runner-command.ts'
import { offeredFolder } from '#host/web/browser-host.ts'
import type { DemoRelease } from './demo-release.ts'

const DISK = 'T640'
const DISK_SIZE = 16 * GB
const { signal } = new AbortController()

/** Answers false when there was nothing to do. */
export async function seedConsole(
  dataDir: string,
  version: string,
  demo: Pick<DemoRelease, 'releases' | 'trust' | 'config'>,
): Promise<boolean> {
  const stamp = join(dataDir, 'demo.sha256')
  const armored = await readFile(demo.trust, 'utf8')
  const hash = createHash('sha256').update(armored)
  for (const release of demo.releases) hash.update(await readFile(release))
  const digest = hash.digest('hex')
  if ((await readFile(stamp, 'utf8').catch(() => '')) === digest) return false
  await mkdir(offeredFolder(dataDir), { recursive: true, mode: 0o700 })
  await cp(demo.config, join(offeredFolder(dataDir), 'demo-config'), { recursive: true })
  let chosen: readonly string[] = []
  await using console = await openConsole({
    consent: NO_CONSENT,
    dataDir,
    kind: 'browser',
    version,
    chooser: async () => chosen,
    runnerFor: runnerFor(developmentRunner()),
    listDisks: async () => ({ disks: [], notes: [] }),
  })
  await console.calls['trust.import']({ armored }, signal)
  for (const release of demo.releases) {
    await removeImage(console, basename(release))
    chosen = [release]
    const { choices } = await console.calls['file.choose']({ purpose: 'image' }, signal)
    await console.calls['image.import']({ file: choices[0].file }, signal)
  }
  const { bench } = await console.calls['station.get']({}, signal)
  if (!bench.units.some(({ path }) => basename(path) === `${DISK}.img`)) {
    await rm(join(dataDir, 'virtual', `${DISK}.img`), { force: true })
    await console.calls['bench.create-virtual']({ name: DISK, size: DISK_SIZE }, signal)
  }
  await writeFile(stamp, digest)
  return true
}

/** One of the same name from an older demo key. */
async function removeImage(console: Console, name: string): Promise<void> {
  const { images } = await console.calls['station.get']({}, signal)
  const old = images.find((image) => image.name === name)
  if (!old) return
  await console.calls['image.pin']({ image: old.token, pinned: false }, signal)
  await console.calls['image.remove']({ image: old.token }, signal)
}
