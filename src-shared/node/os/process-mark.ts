// Finds what a program has left running, wherever it went: a mark in its environment, which descendants inherit, also those
// that began a session of their own. Linux tells environments of processes; elsewhere nothing is found.
import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { readBounded } from './bounded-read.ts'

const NAME = 'TWINSLOT_RUN'
/** One that forks while it is looked for is found by the next look. */
const LOOKS = 5

export interface ProcessMark {
  readonly env: Readonly<Record<string, string>>
  /** Ends every process that has the mark. */
  end(): Promise<void>
}

export function newMark(): ProcessMark {
  const id = randomUUID()
  const text = Buffer.from(`${NAME}=${id}\0`)
  return {
    env: { [NAME]: id },
    async end() {
      for (let look = 0; look < LOOKS; look++) {
        const found = await marked(text)
        if (found.length === 0) return
        for (const pid of found) kill(pid)
      }
    },
  }
}

async function marked(text: Buffer): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []) // no such thing on this system
  const found: number[] = []
  for (const name of names) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const environment = await readBounded(`/proc/${name}/environ`).catch(() => null) // ended meanwhile, or not ours
    if (environment?.includes(text)) found.push(pid)
  }
  return found
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
