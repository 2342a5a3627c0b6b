// Puts files into an unmounted ext4 image with debugfs: everything belongs to root whoever runs this, and carries the
// time that the environment gives. debugfs reports failures only as text, so its text is judged.
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { nameProblem } from '#model/config-path.ts'
import { requireTool } from '../os/run-tool.ts'

export interface ContentFile {
  /** Inside the file system, separated by `/`. */
  readonly path: string
  /** Permission bits; default 0o644. */
  readonly mode?: number
  readonly bytes?: Uint8Array
  /** Path of a file to copy, when there are no `bytes`. */
  readonly copyFrom?: string
}

export interface Ext4Contents {
  readonly image: string
  /** A private temporary folder for staging. */
  readonly folder: string
  readonly directories: readonly string[]
  readonly files: readonly ContentFile[]
  readonly env: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

const refuse = (path: string, reason: string) => new EngineError('filesystem.bad-path', { path, reason })

function splitContentPath(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  if (parts.length === 0) throw refuse(path, 'it is empty')
  for (const part of parts) {
    const reason = nameProblem(part)
    if (reason !== null) throw refuse(path, reason)
  }
  return parts
}

const quoted = (parts: readonly string[]) => `"/${parts.join('/')}"`

async function copyIn(path: string, from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new EngineError('filesystem.bad-path', { path, reason: `it cannot be copied (${reason})` }, { cause })
  }
}

/** Throws `filesystem.bad-path`, `filesystem.contents-failed`, `tool.*`. */
export async function fillExt4({ image, folder, directories, files, env, signal }: Ext4Contents): Promise<void> {
  const lines: string[] = []
  const made = new Set(['"/lost+found"'])
  const setFields = (name: string, mode: number) => {
    lines.push(`sif ${name} mode 0${mode.toString(8)}`, `sif ${name} uid 0`, `sif ${name} gid 0`)
  }
  const makeDirectory = (parts: readonly string[]) => {
    for (let depth = 1; depth <= parts.length; depth++) {
      const name = quoted(parts.slice(0, depth))
      if (made.has(name)) continue
      made.add(name)
      // For debugfs a name below the root is one below the current directory.
      if (depth === 1) lines.push('cd "/"')
      lines.push(`mkdir ${name}`)
      setFields(name, 0o40755)
    }
  }
  for (const path of directories) makeDirectory(splitContentPath(path))
  for (const [index, { path, mode = 0o644, bytes, copyFrom }] of files.entries()) {
    const parts = splitContentPath(path)
    makeDirectory(parts.slice(0, -1))
    if (made.has(quoted(parts))) throw refuse(path, 'it is there twice')
    made.add(quoted(parts))
    // The source is copied to a name of ours: names from outside may hold what debugfs would take for syntax.
    const source = join(folder, `file-${index}`)
    if (bytes) await writeFile(source, bytes, { flag: 'wx', signal })
    else if (copyFrom) await copyIn(path, copyFrom, source)
    else throw refuse(path, 'it has no content')
    lines.push(`cd ${parts.length > 1 ? quoted(parts.slice(0, -1)) : '"/"'}`)
    lines.push(`write "${source}" "${parts[parts.length - 1]}"`)
    setFields(quoted(parts), 0o100000 | (mode & 0o7777))
  }
  const script = join(folder, 'script')
  await writeFile(script, `${lines.join('\n')}\n`, { flag: 'wx' })
  const { stderr, stdout } = await requireTool('debugfs', ['-w', '-f', script, image], {
    timeoutMs: 600_000,
    env,
    signal,
  })
  const complaint = stderr.split('\n').find((line) => line !== '' && !/^debugfs \d/.test(line))
  const written = stdout.split('\n').filter((line) => line.startsWith('Allocated inode:')).length
  if (complaint || written !== files.length)
    throw new EngineError('filesystem.contents-failed', {
      found: complaint ?? `${written} files written`,
      expected: `${files.length} files written`,
    })
}
