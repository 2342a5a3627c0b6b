// Journals as files, one per job key: a JSON object per line, on stable storage before append returns. A last line cut
// short by a crash is dropped; damage anywhere else is `job.journal-damaged`, one that cannot be kept `job.journal-unusable`.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import type { JournalStore } from '#engine/ports.ts'
import { boundedJson } from '#format/bounded-json.ts'
import { readOpenFile } from '../os/bounded-read.ts'
import { makeFolder } from '../os/make-folder.ts'
import { errnoOf, reasonOf } from '../os/os-errors.ts'
import { rehearseIn } from '../os/rehearse-folder.ts'
import { STATE_FILE_LIMIT } from '../os/state-file.ts'
import { homeFolder } from '../os/who.ts'

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

export interface JournalFiles extends JournalStore {
  /**
   * What the first line of a job would be refused for, found before the job begins: reads its journal, and appends a line to
   * another one. Leaves nothing behind, folders included.
   * @throws EngineError `job.journal-unusable`, `job.journal-damaged`
   */
  rehearse(jobKey: string): Promise<void>
}

/** As long as a line with an image's evidence; a full disk has no block for it. */
const REHEARSED = { event: 'rehearsal', words: ' '.repeat(4096) }
/** A rehearsal of somebody else may take away the folder that it made while we are about to use it. */
const ATTEMPTS = 20

/** Appends one line, on stable storage. Throws what the system throws. */
async function appendLine(directory: string, path: string, line: Line): Promise<void> {
  await using file = await openIn(directory, path)
  await dropCutLine(file)
  await file.writeFile(`${JSON.stringify(line)}\n`)
  await file.datasync()
}

async function openIn(directory: string, path: string): Promise<FileHandle> {
  for (let attempt = 1; ; attempt++) {
    try {
      await makeFolder(directory, 0o700)
      return await open(path, APPEND, 0o600)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || attempt === ATTEMPTS) throw error
    }
  }
}

export function journalFiles(directory: string): JournalFiles {
  const fileOf = (jobKey: string) => join(directory, `${jobKey}.jsonl`)
  const store: JournalStore = {
    async append(jobKey, line) {
      try {
        await appendLine(directory, fileOf(jobKey), line)
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
  return {
    ...store,
    async rehearse(jobKey) {
      await store.read(jobKey)
      try {
        await openOld(fileOf(jobKey))
        await rehearseIn(directory, '.jsonl', (path) => appendLine(directory, path, REHEARSED))
      } catch (cause) {
        throw unusable(fileOf(jobKey), cause)
      }
    },
  }
}

/** An interrupted job's journal must take more lines. */
async function openOld(path: string): Promise<void> {
  try {
    await (await open(path, APPEND & ~constants.O_CREAT)).close()
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
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
