// Makes the real Appliance. Nothing is opened and no heavy module is loaded before it is needed: starting a program costs
// what the program does, not what all of them could do.

import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError, explain, type Finding } from '#base/errors.ts'
import { readBoundedText } from '#node/os/bounded-read.ts'
import { reasonOf } from '#node/os/os-errors.ts'
import { gateMemoryStore } from './gate/memory-store.ts'
import { devicePaths } from './paths.ts'
import type { Appliance, DevicePaths, DeviceSettings, Outbox, OwnDisk, ReadSettings } from './ports.ts'
import { systemReboot } from './reboot.ts'
import { updateStore } from './update/store.ts'

/** Made on first use, once. */
function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}

async function ownDisk(paths: DevicePaths, settings: () => Promise<DeviceSettings>): Promise<OwnDisk> {
  const [{ openOwnDisk }, { parseProbes }, { readSettings }] = await Promise.all([
    import('./own-disk/own-disk.ts'),
    import('./gate/probe-list.ts'),
    import('./settings.ts'),
  ])
  // What else is wrong with the files does not change which product this is.
  const { product } = (await readSettings(paths, parseProbes)).settings
  const fetcher = async () => (await import('./release-fetcher.ts')).releaseFetcher(settings)
  return openOwnDisk({ paths, clock: { now: () => new Date() }, product: product === '' ? null : product, fetcher })
}

/** The appliance whose files are below `root`; `note` is told about damaged state files. */
export async function composeAppliance(root: string, note: (line: string) => void): Promise<Appliance> {
  const paths = await devicePaths(root)
  const found = (damage: Finding) => note(explain(damage).message)
  const settings = async (): Promise<DeviceSettings> => {
    const [{ loadSettings }, { parseProbes }] = await Promise.all([
      import('./settings.ts'),
      import('./gate/probe-list.ts'),
    ])
    return await loadSettings(paths, parseProbes)
  }
  const readable = async (): Promise<ReadSettings> => {
    const [{ readSettings }, { parseProbes }] = await Promise.all([
      import('./settings.ts'),
      import('./gate/probe-list.ts'),
    ])
    return await readSettings(paths, parseProbes)
  }
  const disk = lazy(() => ownDisk(paths, settings))
  const outbox = lazy(async (): Promise<Outbox> => {
    const { fleetOutbox } = await import('./agent/outbox.ts')
    return fleetOutbox(paths.state, async () => (await readable()).settings, found)
  })
  return {
    paths,
    settings,
    readable,
    disk: {
      look: async () => (await disk()).look(),
      writeStandby: async (request) => (await disk()).writeStandby(request),
      armTrial: async (slot, update) => (await disk()).armTrial(slot, update),
      noteGateFailure: async (error) => (await disk()).noteGateFailure(error),
      confirm: async (slot) => (await disk()).confirm(slot),
      clearStarts: async () => (await disk()).clearStarts(),
      goBack: async (fallback) => (await disk()).goBack(fallback),
      stay: async () => (await disk()).stay(),
      settleFallback: async (fallback) => (await disk()).settleFallback(fallback),
    },
    store: updateStore(paths, found),
    outbox: {
      put: async (report) => (await outbox()).put(report),
      list: async () => (await outbox()).list(),
      flush: async (signal) => (await outbox()).flush(signal),
    },
    gateMemory: gateMemoryStore(paths, found),
    clock: { now: () => new Date() },
    reboot: root === '/' ? systemReboot() : systemReboot((tool) => toolBelow(root, tool)),
    async sleep(milliseconds, signal) {
      try {
        await delay(milliseconds, undefined, { signal })
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
    bootId: () => bootId(paths),
  }
}

/** A folder that is not this machine's root must not restart this machine. */
async function toolBelow(root: string, tool: string): Promise<string | null> {
  const path = join(root, 'sbin', tool)
  try {
    await access(path, constants.X_OK)
    return path
  } catch {
    // Not there: the next way is asked.
    return null
  }
}

async function bootId({ proc }: DevicePaths): Promise<string> {
  const file = join(proc, 'sys/kernel/random/boot_id')
  try {
    return (await readBoundedText(file)).trim()
  } catch (cause) {
    throw new EngineError('settings.file-unreadable', { file, reason: reasonOf(cause) }, { cause })
  }
}
