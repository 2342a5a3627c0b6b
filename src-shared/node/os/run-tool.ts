// The only way by which the engine starts another program: no shell, a time limit, bounded output. It is over when the
// program ends, whoever still holds its pipes: what was written is drained for a moment, then the whole process group is
// ended, as it is when the time is up or the job is cancelled. Secrets go in by `input` or files, never by arguments.
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { EngineError, throwIfAborted } from '#base/errors.ts'
import { newMark } from './process-mark.ts'

export interface ToolOptions {
  readonly timeoutMs: number
  /** Bytes or text for standard input; without it standard input is empty. */
  readonly input?: Uint8Array | string
  readonly cwd?: string
  /** Added to the environment of this process; messages are always in English. */
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Open files of this program, which the other one has as descriptors 3, 4 and so on. */
  readonly files?: readonly number[]
  /** Bytes kept of each output (default 16 MiB); more ends the program with `tool.failed`. */
  readonly maxOutput?: number
  /** Of too much output only the end is kept, and the program goes on. */
  readonly keepEnd?: boolean
  /** Ends descendants that left the process group, too (Linux). */
  readonly endAll?: boolean
}

/** A program that has ended is waited for so long until its output is read; only what it left behind can still hold it. */
const DRAIN_MS = 500

export interface ToolOutcome {
  readonly stdout: string
  readonly stderr: string
  /** Exit code; 128 + number is not used: a program ended by a signal throws `tool.failed`. */
  readonly code: number
}

/** Debian packages of the programs we know; others are named by the program itself. */
const PACKAGES: Readonly<Record<string, string>> = {
  blkid: 'util-linux',
  blockdev: 'fdisk',
  cryptsetup: 'cryptsetup-bin',
  debugfs: 'e2fsprogs',
  dumpe2fs: 'e2fsprogs',
  e2fsck: 'e2fsprogs',
  filefrag: 'e2fsprogs',
  flock: 'util-linux',
  'fsck.vfat': 'dosfstools',
  gpg: 'gnupg',
  'grub-mkimage': 'grub-common',
  losetup: 'mount',
  lsblk: 'util-linux',
  mcopy: 'mtools',
  mdir: 'mtools',
  mke2fs: 'e2fsprogs',
  'mkfs.vfat': 'dosfstools',
  'mkfs.xfs': 'xfsprogs',
  mksquashfs: 'squashfs-tools',
  mtype: 'mtools',
  'qemu-img': 'qemu-utils',
  'qemu-system-x86_64': 'qemu-system-x86',
  sfdisk: 'fdisk',
  sgdisk: 'gdisk',
  udevadm: 'udev',
  unsquashfs: 'squashfs-tools',
  wipefs: 'util-linux',
  xfs_db: 'xfsprogs',
  xfs_repair: 'xfsprogs',
}

export interface MissingTool {
  readonly tool: string
  /** Debian package that has it. */
  readonly package: string
  /** The command that installs it; the hole of `tool.missing`. */
  readonly remedy: string
}

export const packageOf = (tool: string): string => PACKAGES[tool] ?? tool

/** Absolute path of a program from PATH, /usr/sbin or /sbin (an ordinary user's PATH lacks them); null when absent. */
export async function findTool(name: string): Promise<string | null> {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/sbin', '/sbin']
  for (const folder of folders) {
    const path = join(folder, name)
    try {
      await access(path, constants.X_OK)
      if ((await stat(path)).isFile()) return path
    } catch {
      // Not in this folder: the next one is asked.
    }
  }
  return null
}

/** Those of `names` that are not installed. */
export async function missingOf(names: readonly string[]): Promise<MissingTool[]> {
  const missing: MissingTool[] = []
  for (const tool of new Set(names))
    if (!(await findTool(tool)))
      missing.push({ tool, package: packageOf(tool), remedy: `apt install ${packageOf(tool)}` })
  return missing
}

export const toolMissing = (tool: string): EngineError =>
  new EngineError('tool.missing', { tool, remedy: `apt install ${packageOf(tool)}` })

/** `code` of a `tool.failed` for a program that printed more than `maxOutput`. */
export const TOO_MUCH_OUTPUT = 'too much output'

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone already, or this platform has none: the child itself is enough.
    child.kill('SIGKILL')
  }
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-4).join(' | ').slice(-600) || 'no message'

/**
 * Runs a program and answers whatever exit code it ends with.
 * Throws `tool.missing`, `tool.timeout`, `job.cancelled`, and `tool.failed` when it was ended by a signal, could not be
 * started, or printed more than `maxOutput`.
 */
export async function runTool(command: string, args: readonly string[], options: ToolOptions): Promise<ToolOutcome> {
  throwIfAborted(options.signal)
  const path = command.includes('/') ? command : await findTool(command)
  if (!path) throw toolMissing(command)
  const maxOutput = options.maxOutput ?? 16 * 1024 * 1024
  const { promise, resolve, reject } = Promise.withResolvers<ToolOutcome>()
  const mark = options.endAll ? newMark() : null
  const child = spawn(path, args, {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env, ...mark?.env },
    stdio: ['pipe', 'pipe', 'pipe', ...(options.files ?? [])],
    detached: process.platform !== 'win32',
    // The first three are pipes; the types know that only without a fourth.
  }) as ChildProcessWithoutNullStreams
  const failed = (code: string | number, stderr: string, cause?: unknown) =>
    new EngineError('tool.failed', { tool: command, code, stderr: lastLines(stderr) }, { cause })
  let why: EngineError | null = null
  const stop = (reason: EngineError) => {
    why ??= reason
    killGroup(child)
    // A descendant in a session of its own survives and keeps the pipes open: its output is not waited for.
    child.stdout.destroy()
    child.stderr.destroy()
  }
  const timer = setTimeout(
    () => stop(new EngineError('tool.timeout', { tool: command, seconds: options.timeoutMs / 1000 })),
    options.timeoutMs,
  )
  const onAbort = () => {
    try {
      throwIfAborted(options.signal)
    } catch (reason) {
      if (reason instanceof EngineError) stop(reason)
    }
  }
  options.signal?.addEventListener('abort', onAbort, { once: true })

  const collect = (stream: NodeJS.ReadableStream) => {
    const parts: Buffer[] = []
    let size = 0
    stream.on('data', (part: Buffer) => {
      size += part.length
      parts.push(part)
      if (size <= maxOutput) return
      if (!options.keepEnd) return stop(failed(TOO_MUCH_OUTPUT, `more than ${maxOutput} bytes`))
      while (size - (parts[0]?.length ?? 0) >= maxOutput) size -= parts.shift()?.length ?? 0
    })
    return () => Buffer.concat(parts).toString('utf8')
  }
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  // A program may end without reading its input (EPIPE); its exit code tells what matters.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  child.on('error', (cause: NodeJS.ErrnoException) => {
    reject(cause.code === 'ENOENT' ? toolMissing(command) : failed(cause.code ?? 'error', cause.message, cause))
  })
  let drain: NodeJS.Timeout | undefined
  child.on('exit', () => {
    clearTimeout(timer)
    drain = setTimeout(() => {
      child.stdout.destroy()
      child.stderr.destroy()
    }, DRAIN_MS)
  })
  child.on('close', (code, signal) => {
    // What it started and left behind does not outlive it.
    killGroup(child)
    if (why) reject(why)
    else if (code === null) reject(failed(signal ?? 'signal', stderr()))
    else resolve({ stdout: stdout(), stderr: stderr(), code })
  })
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    clearTimeout(drain)
    await mark?.end()
    options.signal?.removeEventListener('abort', onAbort)
  }
}

/** Like runTool; an exit code other than 0 throws `tool.failed` with the last lines of what the program said. */
export async function requireTool(
  command: string,
  args: readonly string[],
  options: ToolOptions,
): Promise<ToolOutcome> {
  const outcome = await runTool(command, args, options)
  if (outcome.code === 0) return outcome
  const details = { tool: command, code: outcome.code, stderr: lastLines(outcome.stderr || outcome.stdout) }
  throw new EngineError('tool.failed', details)
}
