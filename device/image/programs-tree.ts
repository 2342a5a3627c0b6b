// The folder for `twinslot image build --programs`: everything of ours that an image needs to be an appliance. The programs
// in one file, Node, the systemd units, mounts and settings for a layout, and the usual probes.
import { chmod, copyFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Layout } from '../../src-shared/model/layout.ts'
import { makeFolder } from '../../src-shared/node/make-folder.ts'
import { buildDevicePrograms, LIBRARY } from '../build.ts'
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

/** Answers the paths below `outDir`, sorted. @throws EngineError `tool.failed` */
export async function makeProgramsTree(options: ProgramsTree): Promise<string[]> {
  const { outDir, layout } = options
  const { files } = await buildDevicePrograms(options)
  const units = await installUnits({ outDir, layout })
  const node = `${LIBRARY}/node`
  const probes = 'etc/twinslot/probes.yaml'
  const copies = [
    [process.execPath, node, 0o755],
    [join(HERE, 'etc', probesFor(layout)), probes, 0o644],
  ] as const
  for (const [from, path, mode] of copies) {
    const to = join(outDir, path)
    await makeFolder(dirname(to))
    await copyFile(from, to)
    await chmod(to, mode)
  }
  return [...files, ...units.map((path) => path.replace(/^\//, '')), node, probes].sort()
}
