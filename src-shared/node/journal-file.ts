// Journals as files, one per job key: a JSON object per line, on stable storage before append returns. A last line cut
// short by a crash is dropped; damage anywhere else is `job.journal-damaged`.
import { mkdir, open, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { EngineError } from '../base/errors.ts'
import type { JournalStore } from '../engine/ports.ts'

type Line = Readonly<Record<string, unknown>>

/** Where this user's journals and reports lie: $TWINSLOT_STATE, or $XDG_STATE_HOME/twinslot, or ~/.local/state/twinslot. */
export const stateDirectory = (env: Readonly<Record<string, string | undefined>> = process.env): string =>
  env.TWINSLOT_STATE ?? join(env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'twinslot')

export const journalFolder = (): string => join(stateDirectory(), 'journal')

export function journalFiles(directory: string): JournalStore {
  const fileOf = (jobKey: string) => join(directory, `${jobKey}.jsonl`)
  return {
    async append(jobKey, line) {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const file = await open(fileOf(jobKey), 'a', 0o600)
      try {
        await file.write(`${JSON.stringify(line)}\n`)
        await file.datasync()
      } finally {
        await file.close()
      }
    },
    async read(jobKey) {
      let text: string
      try {
        text = await readFile(fileOf(jobKey), 'utf8')
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
        throw new EngineError('job.journal-damaged', { file: fileOf(jobKey), line: 0 }, { cause: error })
      }
      const rows = text.split('\n')
      const complete = rows.slice(0, -1)
      return complete.map((row, index): Line => {
        try {
          const value: unknown = JSON.parse(row)
          if (typeof value === 'object' && value !== null) return value as Line
        } catch (error) {
          throw new EngineError('job.journal-damaged', { file: fileOf(jobKey), line: index + 1 }, { cause: error })
        }
        throw new EngineError('job.journal-damaged', { file: fileOf(jobKey), line: index + 1 })
      })
    },
  }
}
