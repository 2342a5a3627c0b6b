// The appliance's own changes for the power-cut test: the product's OwnDisk, on a disk in memory, recorded. The kernel's
// account of what runs (proc, sysfs) is a small tree of files beside it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openOwnDisk } from '#device/own-disk/own-disk.ts'
import type { DevicePaths, OwnDisk, WriteStandby } from '#device/ports.ts'
import type { Slot } from '#model/slot.ts'
import type { AuthenticatedRelease } from '#node/release/open-release.ts'
import { AT, SIGNER } from '#testing/builders.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import { type RecordedOp, withRecording } from '#testing/recording.ts'
import { openReleaseBench } from '#testing/release-bench.ts'
import { fakeSystem } from '#testing/sysfs-tree.ts'
import { type Disk, look, openDisk } from './record.ts'
import type { Release } from './world.ts'

/** One change that an appliance makes to its disk while `running` runs. */
export interface Change {
  readonly running: Slot
  perform(own: OwnDisk, release: (release: Release) => WriteStandby): Promise<unknown>
}

export interface RecordedChange {
  readonly before: Disk
  readonly after: Disk
  readonly ops: readonly RecordedOp[]
}

export interface DeviceBench extends AsyncDisposable {
  /** Performs a change on a copy of the disk; what it throws is thrown. */
  change(change: Change, before: Disk): Promise<RecordedChange>
}

/** A system of files that says "this is the appliance"; made once, told anew for each change. */
export async function deviceBench(): Promise<DeviceBench> {
  const system = fakeSystem()
  const bench = await openReleaseBench()
  const folder = dirname(system.roots.sys)
  const below = (name: string) => {
    mkdirSync(join(folder, name), { recursive: true })
    return join(folder, name)
  }
  const paths: DevicePaths = {
    ...system.roots,
    state: below('state'),
    config: below('config'),
    boot: below('boot'),
    etc: below('etc'),
  }
  mkdirSync(join(paths.etc, 'keys'))
  writeFileSync(join(paths.etc, 'keys/release.asc'), bench.publicKey)
  const parts = { nvme0n1p1: '259:1', nvme0n1p2: '259:2', nvme0n1p3: '259:3' }
  const size = 64 * 1024 * 1024
  const link = 'pci0000:00/0000:00:1d.0/0000:01:00.0/nvme/nvme0/nvme0n1'
  system.addDisk({ link, dev: '259:0', size, partitions: parts })

  return {
    async change({ running, perform }, before) {
      const disk = openDisk(before)
      const { device, ops } = withRecording(disk)
      const { table } = await look(
        memoryDisk({ pages: before.pages, size: before.size, sectorSize: before.sectorSize }),
      )
      const entry = table?.entries.find(({ name }) => name === `SLOT-${running}`)
      writeFileSync(join(paths.proc, 'cmdline'), `ab.partition=${running} root=PARTUUID=${entry?.uniqueGuid}\n`)
      const releases = new Map<string, Release>()
      const own = openOwnDisk({
        paths,
        clock: { now: () => new Date(AT) },
        open: async () => ({ ...device, [Symbol.asyncDispose]: async () => {} }),
        openFrom: async (from) => {
          const release = releases.get(from)
          if (!release) throw new Error(`no release ${from}`)
          return authenticated(release)
        },
      })
      await perform(own, (release) => {
        releases.set(release.name, release)
        const { signal } = new AbortController()
        return { from: release.name, version: null, sha256: null, allowOlder: null, signal, emit: () => {} }
      })
      return { before, after: { ...before, pages: disk.pages }, ops }
    },
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]()
      system[Symbol.dispose]()
    },
  }
}

/** A release of the power-cut world as if a signature had been checked. */
const authenticated = (release: Release): AuthenticatedRelease => ({
  kind: 'bundle',
  path: release.name,
  signer: {
    fingerprint: SIGNER,
    signingKey: SIGNER,
    userId: null,
    algorithm: 'Ed25519',
    hash: 'SHA-256',
    signedAt: AT,
    keyExpires: null,
    keyExpiresAtSigning: null,
  },
  manifest: null,
  facts: release.facts,
  roles: ['system'],
  image(role) {
    const source = release.image(role)
    if (!source) throw new Error(`no ${role} image`)
    return source
  },
  async [Symbol.asyncDispose]() {},
})
