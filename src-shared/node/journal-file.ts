// Journals as files, one per job key: a JSON object per line, on stable storage before append returns. A last line cut
// short by a crash is dropped; damage anywhere else is `job.journal-damaged`, one that cannot be kept `job.journal-unusable`.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../base/errors.ts'
import type { JournalStore } from '../engine/ports.ts'
import { boundedJson } from '../format/bounded-json.ts'
import { readOpenFile } from './bounded-read.ts'
import { makeFolder } from './make-folder.ts'
import { reasonOf } from './os-errors.ts'
import { STATE_FILE_LIMIT } from './state-file.ts'
import { homeFolder } from './who.ts'

const NEWLINE = 10
/** A job has some hundred lines, of which few keep what was overwritten. */
export const JOURNAL_LIMIT = 256 * 1024 * 1024
/** A journal is a file of ours: a link in its place leads to somebody else's. */
const NO_LINK = constants.O_NOFOLLOW ?? 0
const READ = constants.O_RDONLY | NO_LINK
const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | NO_LINK

type Line = Readonly<Record<string, unknown>>

/** Where this user's journals and reports lie: $TWINSLOT_STATE, or $XDG_STATE_HOME/twinslot, or ~/.local/state/twinslot. */
export function stateDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (env.TWINSLOT_STATE) return env.TWINSLOT_STATE
  if (env.XDG_STATE_HOME) return join(env.XDG_STATE_HOME, 'twinslot')
  const home = homeFolder()
  if (home !== null) return join(home, '.local', 'state', 'twinslot')
  throw new EngineError('job.journal-unusable', { file: 'of this user', reason: 'this user has no home folder' })
}

export const journalFolder = (): string => join(stateDirectory(), 'journal')

const unusable = (file: string, cause: unknown) =>
  new EngineError('job.journal-unusable', { file, reason: reasonOf(cause) }, { cause })

export function journalFiles(directory: string): JournalStore {
  const fileOf = (jobKey: string) => join(directory, `${jobKey}.jsonl`)
  return {
    async append(jobKey, line) {
      try {
        await makeFolder(directory, 0o700)
        await using file = await open(fileOf(jobKey), APPEND, 0o600)
        await dropCutLine(file)
        await file.writeFile(`${JSON.stringify(line)}\n`)
        await file.datasync()
      } catch (cause) {
        throw unusable(fileOf(jobKey), cause)
      }
    },
    async read(jobKey) {
      let text: string
      try {
        await using file = await open(fileOf(jobKey), READ)
        text = (await readOpenFile(file, fileOf(jobKey), JOURNAL_LIMIT)).toString('utf8')
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
        throw unusable(fileOf(jobKey), error)
      }
      const rows = text.split('\n')
      const complete = rows.slice(0, -1)
      return complete.map((row, index): Line => {
        try {
          const value: unknown = boundedJson(row, STATE_FILE_LIMIT)
          if (typeof value === 'object' && value !== null) return value as Line
        } catch (error) {
          throw new EngineError('job.journal-damaged', { file: fileOf(jobKey), line: index + 1 }, { cause: error })
        }
        throw new EngineError('job.journal-damaged', { file: fileOf(jobKey), line: index + 1 })
      })
    },
  }
}

/** A line that a crash cut short goes away, so that the next one does not continue it. */
async function dropCutLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat()
  const last = Buffer.alloc(1)
  if (size === 0 || ((await file.read(last, 0, 1, size - 1)).bytesRead === 1 && last[0] === NEWLINE)) return
  const whole = Buffer.alloc(size)
  await file.read(whole, 0, size, 0)
  await file.truncate(whole.lastIndexOf(NEWLINE) + 1)
}
