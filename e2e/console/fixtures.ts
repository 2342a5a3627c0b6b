// Releases for the console's tests: small and signed by one key, so that a whole disk is provisioned in seconds. Also one of
// another product, one that was damaged after it was signed, and a folder for /config.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { openRoom, type Room } from '../cli/bench-room.ts'
import { closeBrowser } from './browser.ts'

export interface Fixtures extends AsyncDisposable {
  readonly room: Room
  readonly trust: string
  /** `one.twinslot`: product demo, 1.0.0, with boot files. */
  readonly one: string
  /** `two.twinslot`: 2.0.0, counter 2, no boot files. */
  two(): Promise<string>
  /** `other.twinslot`: product other. */
  other(): Promise<string>
  /** `damaged.twinslot`: one byte of its content differs. */
  damaged(): string
  /** A folder with a config; answers its path. */
  configFolder(name: string, files: Readonly<Record<string, string>>): string
}

export async function openFixtures(): Promise<Fixtures> {
  const room = await openRoom()
  return {
    room,
    trust: room.trust,
    one: room.release,
    two: () => room.makeRelease('two', ['--version', '2.0.0', '--counter', '2']),
    other: () => room.makeRelease('other', ['--product', 'other']),
    damaged() {
      const path = room.path('damaged.twinslot')
      copyFileSync(room.release, path)
      damage(path)
      return path
    },
    configFolder(name, files) {
      const folder = room.path(name)
      mkdirSync(folder, { recursive: true })
      for (const [file, text] of Object.entries(files)) writeFileSync(`${folder}/${file}`, text)
      return folder
    },
    async [Symbol.asyncDispose]() {
      await closeBrowser()
      await room[Symbol.asyncDispose]()
    },
  }
}

/** One bit of a block near the end: manifest and signature stay good. */
export function damage(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length - 100] ^= 1
  writeFileSync(path, bytes)
}
