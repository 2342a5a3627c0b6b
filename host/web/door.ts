// The door: a page in the data folder, readable by its user only, that leads to the next one-time address of the running
// console. A browser is started with this file: an address among a program's arguments can be read, and used first, by
// everybody on the computer.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readBoundedText } from '#node/os/bounded-read.ts'
import { writeFileAtomic } from '#node/os/state-file.ts'

export const doorOf = (dataDir: string): string => join(dataDir, 'open.html')

export interface Door extends AsyncDisposable {
  /** Lets the door lead to `url`, which holds no character that means something in HTML. */
  hang(url: string): Promise<void>
}

/** For whoever holds the data folder: a door that an ended console left behind is taken away first. */
export async function openDoor(dataDir: string): Promise<Door> {
  const remove = () => rm(doorOf(dataDir), { force: true })
  let hung: Promise<void> = remove()
  await hung
  return {
    async hang(url) {
      hung = writeFileAtomic(doorOf(dataDir), pageTo(url), { mode: 0o600 })
      await hung
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([hung])
      await remove()
    },
  }
}

const pageTo = (url: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${url}">
<title>Twinslot</title>
<p><a href="${url}">Open the console</a></p>
</html>
`

/** The address that the door of a running console leads to; null where there is no door. */
export async function addressBehind(dataDir: string): Promise<string | null> {
  const page = await readBoundedText(doorOf(dataDir)).catch(() => '')
  return /href="(http:[^"]+)"/.exec(page)?.[1] ?? null
}
