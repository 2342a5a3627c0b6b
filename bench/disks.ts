// Loop devices with direct I/O over files that are fully allocated, so that no run pays for making the file.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

export interface LoopDisk extends Disposable {
  readonly device: string
}

export function loopDisk(folder: string, name: string, size: number): LoopDisk {
  const file = join(folder, name)
  execFileSync('dd', [
    'if=/dev/zero',
    `of=${file}`,
    'bs=4M',
    `count=${Math.ceil(size / 4194304)}`,
    'oflag=direct',
    'status=none',
  ])
  const device = execFileSync('losetup', ['--find', '--show', '--direct-io=on', file], { encoding: 'utf8' }).trim()
  return {
    device,
    [Symbol.dispose]() {
      execFileSync('losetup', ['--detach', device])
      rmSync(file)
    },
  }
}
