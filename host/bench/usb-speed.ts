// How fast a USB disk is connected, from sysfs.
import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { readBoundedText } from '#node/os/bounded-read.ts'

/** Mbit/s of the USB device that a disk hangs on; null when it cannot be known. */
export async function usbSpeed(path: string, sys = '/sys'): Promise<number | null> {
  let folder: string
  try {
    folder = await realpath(join(sys, 'class/block', basename(path), 'device'))
  } catch {
    // The disk has just been unplugged, or this is no Linux.
    return null
  }
  while (folder.length > sys.length) {
    const speed = await readBoundedText(join(folder, 'speed')).catch(() => null)
    if (speed !== null && Number.isFinite(Number(speed))) return Number(speed)
    folder = dirname(folder)
  }
  return null
}
