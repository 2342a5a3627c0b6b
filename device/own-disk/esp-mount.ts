// The ESP as Linux has mounted it while we write it below (docs/adr/0015-how-the-device-writes-its-esp.md): never
// read-write meanwhile, and mounted anew afterwards, because the kernel keeps what it read before.
import { join } from 'node:path'
import { equalBytes } from '#base/bytes.ts'
import { EngineError, type Finding, finding, isEngineError } from '#base/errors.ts'
import { type Mount, parseMountinfo } from '#node/disk/mounts.ts'
import { readBoundedSync, readBoundedTextSync } from '#node/os/bounded-read.ts'
import { requireTool } from '#node/os/run-tool.ts'
import type { DevicePaths } from '../ports.ts'

/** The programs that change mounts; tests put their own. Each throws EngineError `tool.*`. */
export interface Mounter {
  remountReadOnly(mountPoint: string): Promise<void>
  unmount(mountPoint: string): Promise<void>
  mount(mount: Mount): Promise<void>
}

const LIMIT = { timeoutMs: 30_000 }

export const systemMounter: Mounter = {
  async remountReadOnly(mountPoint) {
    await requireTool('mount', ['-o', 'remount,ro', mountPoint], LIMIT)
  },
  async unmount(mountPoint) {
    await requireTool('umount', [mountPoint], LIMIT)
  },
  async mount({ type, flags, options, source, mountPoint }) {
    const all = [...new Set([...flags.split(','), ...options.split(',')])].filter((each) => each && each !== 'rw')
    await requireTool('mount', ['-t', type, '-o', all.join(','), source, mountPoint], LIMIT)
  },
}

/** Mounts of a partition in this process's view; none when the kernel does not show the partition. */
export function mountsOf({ proc }: DevicePaths, device: string | null): Mount[] {
  if (device === null) return []
  return parseMountinfo(readBoundedTextSync(join(proc, 'self/mountinfo'))).filter((mount) => mount.device === device)
}

const isWritable = ({ options }: Mount): boolean => options.split(',').includes('rw')

/**
 * Linux must not write the ESP while we do.
 * @throws EngineError `own.esp-writable`
 */
export async function makeReadOnly(paths: DevicePaths, device: string | null, mounter: Mounter): Promise<void> {
  for (const { mountPoint } of mountsOf(paths, device).filter(isWritable)) {
    try {
      await mounter.remountReadOnly(mountPoint)
    } catch (cause) {
      throw writable(mountPoint, isEngineError(cause) ? cause.message : String(cause), cause)
    }
  }
  const left = mountsOf(paths, device).find(isWritable)
  if (left) throw writable(left.mountPoint, 'it stayed read-write')
}

const writable = (mount: string, reason: string, cause?: unknown) =>
  new EngineError('own.esp-writable', { mount, reason: reason.replace(/\.$/, '') }, { cause })

/**
 * Unmounts and mounts again, so that the new files are seen. What is busy stays as it is: staleFiles tells.
 * Findings: `tool.*` when it could not be mounted again. The medium is right in any case.
 */
export async function refreshMounts(paths: DevicePaths, device: string | null, mounter: Mounter): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const mount of mountsOf(paths, device)) {
    try {
      await mounter.unmount(mount.mountPoint)
    } catch (error) {
      if (!isEngineError(error)) throw error
      continue
    }
    try {
      await mounter.mount(mount)
    } catch (error) {
      if (!isEngineError(error)) throw error
      findings.push(finding(error.code, error.details))
    }
  }
  return findings
}

/** `own.esp-stale` for each mount that shows other boot files than the medium holds. */
export function staleFiles(
  paths: DevicePaths,
  device: string | null,
  medium: ReadonlyMap<string, Uint8Array>,
): Finding[] {
  return mountsOf(paths, device).flatMap(({ mountPoint }) => {
    const file = [...medium].find(([name, bytes]) => {
      const shown = fileAt(join(mountPoint, name))
      return shown === null || !equalBytes(shown, bytes)
    })
    return file ? [finding('own.esp-stale', { mount: mountPoint, file: file[0] })] : []
  })
}

function fileAt(path: string): Uint8Array | null {
  try {
    return readBoundedSync(path)
  } catch {
    // Unreadable there is as far from the medium as other bytes are.
    return null
  }
}
