// What an image says of itself, written into it before it is packed: /etc/twinslot/image.json, and device.yaml where the
// recipe brings none. An image with the device's programs is checked against its layout here, as it is again when a disk is
// provisioned: drivers, mount points, state folder, encryption.
import { chmod, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EngineError, type Finding, finding } from '#base/errors.ts'
import type { BuildConfig } from '#format/build-config.ts'
import { encodeImageFacts, IMAGE_FACTS_PATH } from '#format/image-facts.ts'
import { CONFIG_DIR, UPSTREAM_STATE } from '#model/config-home.ts'
import { diskOf, type ImageDisk } from '#model/image-facts.ts'
import type { FilesystemKind, Layout } from '#model/layout.ts'
import { checkDisk } from '#plan/image-fits.ts'
import { readYamlFile } from '../config/settings-yaml.ts'
import { readBoundedText } from '../os/bounded-read.ts'
import { makeFolder } from '../os/make-folder.ts'
import type { BuildRoom } from './room.ts'

/** Kernel module of each file system. */
const DRIVERS: Readonly<Partial<Record<FilesystemKind, string>>> = { fat32: 'vfat', ext4: 'ext4', xfs: 'xfs' }

/** Modules that the layout needs in the initial RAM disk, beyond the usual ones. */
export const driversFor = (layout: Layout | null): readonly string[] => {
  const parts = layout?.partitions ?? []
  const kinds = parts.flatMap(({ filesystem }) => DRIVERS[filesystem] ?? [])
  return [...new Set([...kinds, ...(parts.some(({ encryption }) => encryption) ? ['dm-crypt'] : [])])]
}

/** File systems that an image with these modules mounts. */
export const filesystemsOf = (modules: readonly string[]): FilesystemKind[] =>
  (Object.keys(DRIVERS) as FilesystemKind[]).filter((kind) => modules.includes(DRIVERS[kind] ?? ''))

export interface Description {
  readonly config: BuildConfig
  /** Null: the recipe names a slot size and no layout. */
  readonly layout: Layout | null
  /** Modules that the kernel has, built in or in the initial RAM disk. */
  readonly modules: readonly string[]
}

/** @throws EngineError `image.layout-mismatch`, `recipe.device-settings`, `recipe.probe-program` */
export async function describeImage(room: BuildRoom, { config, layout, modules }: Description): Promise<void> {
  const { product, version, counter, hardware, device_programs: appliance } = config
  const disk = appliance && layout ? diskOf(layout, filesystemsOf(modules)) : null
  if (appliance && layout) await checkAppliance(room, config, layout, disk)
  const facts = encodeImageFacts({ product, version, counter, hardware, disk })
  await put(room, IMAGE_FACTS_PATH, facts)
}

async function put({ tree }: BuildRoom, path: string, content: Uint8Array | string): Promise<void> {
  const file = join(tree, path)
  await makeFolder(dirname(file))
  await writeFile(file, content)
  await chmod(file, 0o644)
}

const thrown = ({ code, details }: Finding) => new EngineError(code, details)

async function checkAppliance(room: BuildRoom, config: BuildConfig, layout: Layout, disk: ImageDisk | null) {
  const { tree } = room
  const lacks = (what: string, found: string, expected: string) =>
    finding('image.layout-mismatch', { image: 'its recipe', what, found, disk: `the layout ${layout.name}`, expected })
  if (!disk) throw thrown(lacks('a state folder', 'nowhere', 'no data partition with a mount point'))
  const [wrong] = checkDisk(disk, layout)
  if (wrong) throw thrown(wrong)
  const mounts = [...disk.mounts.map(({ path }) => path), ...(disk.config.bound === null ? [] : [CONFIG_DIR])].sort()
  const programs = await mountsOfPrograms(tree)
  if (programs !== null && programs.join(' ') !== mounts.join(' '))
    throw thrown(lacks("mounts of the device's programs at", programs.join(', '), mounts.join(', ')))
  const crypttab = await readBoundedText(join(tree, 'etc/crypttab')).catch(() => '')
  for (const { partition, encryption } of disk.mounts) {
    const name = `${partition.toLowerCase()}-encrypted`
    if (encryption && !crypttab.split('\n').some((row) => row.split(/\s/)[0] === name))
      throw thrown(lacks('rows of /etc/crypttab', crypttab.trim() === '' ? 'none' : 'others', `${name}, encrypted`))
  }
  await checkSettings(room, config, disk)
  await checkProbes(tree)
  // The root is read-only on the appliance: what is mounted there needs its folder.
  for (const path of [...mounts, CONFIG_DIR]) await makeFolder(join(tree, path))
}

/** Mount points that the copied programs were made for (their list for check-mounts.sh); null without such a list. */
async function mountsOfPrograms(tree: string): Promise<string[] | null> {
  const text = await readBoundedText(join(tree, 'etc/twinslot/mounts')).catch(() => null)
  if (text === null) return null
  return text
    .split('\n')
    .flatMap((row) => (/^\//.test(row) ? [row.split(' ')[0]] : []))
    .sort()
}

/** device.yaml is ours to write, or says the same. */
async function checkSettings(room: BuildRoom, { product }: BuildConfig, disk: ImageDisk): Promise<void> {
  const path = '/etc/twinslot/device.yaml'
  const map = await readYamlFile(join(room.tree, path))
  const { stateDir, configDir } = disk
  if (!map) {
    await put(
      room,
      path,
      `# What this appliance is, and where it keeps its files.\nproduct: ${product}\nstate_dir: ${stateDir}\nconfig_dir: ${configDir}\n`,
    )
    return
  }
  const rows = [
    ['product', map.text('product') ?? 'nothing', product],
    ['state_dir', map.text('state_dir') ?? UPSTREAM_STATE, stateDir],
    ['config_dir', map.text('config_dir') ?? CONFIG_DIR, configDir],
  ] as const
  for (const [key, found, expected] of rows)
    if (found !== expected) throw new EngineError('recipe.device-settings', { path, key, found, expected })
}

const FOLDERS = ['usr/local/sbin', 'usr/local/bin', 'usr/sbin', 'usr/bin', 'sbin', 'bin']

/** A check whose program is not in the image would fail on every appliance, and no update could prove itself. */
async function checkProbes(tree: string): Promise<void> {
  const text = await readBoundedText(join(tree, 'etc/twinslot/probes.yaml')).catch(() => '')
  for (const [, program] of text.matchAll(/^\s*command:\s*["']?([^\s"']+)/gm)) {
    const places = program.startsWith('/') ? [program] : FOLDERS.map((folder) => join(folder, program))
    const found = await Promise.all(
      places.map((place) =>
        stat(join(tree, place)).then(
          (file) => file.isFile(),
          () => false,
        ),
      ),
    )
    if (!found.includes(true))
      throw new EngineError('recipe.probe-program', { program, path: '/etc/twinslot/probes.yaml' })
  }
}
