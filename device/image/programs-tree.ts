// The folder for `twinslot image build --programs`: everything of ours that an image needs to be an appliance. The programs
// in one file, Node, the systemd units, mounts and settings for a layout, and the usual probes.
import { chmod, copyFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Layout } from '#model/layout.ts'
import { makeFolder } from '#node/os/make-folder.ts'
import { buildDevicePrograms, LIBRARY } from '../build.ts'
import { mountsOfLayout } from '../gate/mount-check.ts'
import { installUnits } from '../systemd/install.ts'

const HERE = import.meta.dirname

export interface ProgramsTree {
  /** New, or replaced file by file. */
  readonly outDir: string
  readonly layout: Layout
  readonly version: string
  /** What the programs take for the earliest believable time. */
  readonly buildDate: Date
}

/** The probes of the specification that the layout comes from: one with a /config partition is the server's. */
const probesFor = ({ partitions }: Layout): string =>
  partitions.some(({ role }) => role === 'config') ? 'probes-hypernet.yaml' : 'probes-msp.yaml'

/** What check-mounts.sh and the image recipe read: a row for each mount of the layout, its path and options. */
export const mountList = (layout: Layout): string =>
  Object.entries(mountsOfLayout(layout))
    .map(([path, options]) => `${path} ${options.join(',')}\n`)
    .join('')

/** Answers the paths below `outDir`, sorted. @throws EngineError `tool.failed` */
export async function makeProgramsTree(options: ProgramsTree): Promise<string[]> {
  const { outDir, layout } = options
  const { files } = await buildDevicePrograms(options)
  const units = await installUnits({ outDir, layout })
  const node = `${LIBRARY}/node`
  const probes = 'etc/twinslot/probes.yaml'
  const mounts = 'etc/twinslot/mounts'
  const copies = [
    [join(HERE, 'etc/check-mounts.sh'), 'usr/bin/check-mounts.sh', 0o755],
    [process.execPath, node, 0o755],
    [join(HERE, 'etc', probesFor(layout)), probes, 0o644],
  ] as const
  for (const [from, path, mode] of copies) {
    const to = join(outDir, path)
    await makeFolder(dirname(to))
    await copyFile(from, to)
    await chmod(to, mode)
  }
  await writeFile(join(outDir, mounts), mountList(layout))
  const made = copies.map(([, path]) => path)
  return [...files, ...units.map((path) => path.replace(/^\//, '')), ...made, mounts].sort()
}
