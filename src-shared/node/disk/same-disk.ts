// Do several paths mean different disks? Links, partitions and loop devices are followed down to the disk or file that would
// be written at last, so that no unit of a batch is written by two jobs at once.
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Finding, finding } from '#base/errors.ts'
import { errnoOf, openFailure } from '../os/os-errors.ts'
import { deviceNumber } from './linux-device.ts'
import { devicePath, readBlockNodes, SYSTEM_ROOTS } from './sysfs-disk.ts'

/** Loop devices over files on loop devices end somewhere. */
const DEEPEST = 16

export interface Ground {
  /** The same for all paths that lead there. */
  readonly key: string
  /** Its name, for people. */
  readonly name: string
}

/**
 * What lies under a path; a file that is not made yet is its place. @throws EngineError `disk.*`
 */
export async function groundOf(path: string): Promise<Ground> {
  let at = path
  for (let deep = 0; deep < DEEPEST; deep++) {
    const found = await stat(at).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return null
      throw openFailure(at, error)
    })
    if (found === null) {
      const name = join(await realpath(dirname(at)).catch(() => dirname(at)), basename(at))
      return { key: `place ${name}`, name }
    }
    if (!found.isBlockDevice())
      return { key: `file ${found.dev}:${found.ino}`, name: await realpath(at).catch(() => at) }
    const nodes = readBlockNodes(SYSTEM_ROOTS)
    const number = deviceNumber(found.rdev)
    const node = [...nodes.values()].find(({ device }) => device === number)
    const whole = node && nodes.get(node.disk)
    if (!whole?.backingFile) return { key: `disk ${whole?.name ?? number}`, name: whole ? devicePath(whole.name) : at }
    at = whole.backingFile
  }
  return { key: `file ${at}`, name: at }
}

/**
 * `disk.named-twice` for each path that leads where an earlier one leads.
 * @throws EngineError `disk.no-permission`, `disk.system-refused`
 */
export async function checkDifferent(paths: readonly string[]): Promise<readonly Finding[]> {
  const first = new Map<string, string>()
  const findings: Finding[] = []
  for (const path of paths) {
    const { key, name } = await groundOf(path)
    const other = first.get(key)
    if (other === undefined) first.set(key, path)
    else findings.push(finding('disk.named-twice', { disk: path, other, found: name }))
  }
  return findings
}
