// The door through which a program opens files that somebody else named. An ordinary program is its own caller; a runner
// that pkexec or sudo made root opens with the rights of the one who asked, follows no link, and uses only the descriptor.
import {
  close as closeFd,
  constants,
  fstat,
  lstatSync,
  openSync,
  readdirSync,
  read as readFd,
  type Stats,
} from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'
import { EngineError } from '#base/errors.ts'

interface Rights {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

/** The group of somebody of whom the system knows no other. */
const NOBODY = 65_534
const MAX_UID = 4_294_967_294

let rights: Rights | null = null

/**
 * Who made this process root: the user id that pkexec or sudo tell, null when it acts for itself. Pure.
 * @throws EngineError `runner.caller` when they tell nonsense
 */
export function callerOf(env: NodeJS.ProcessEnv, effectiveUid: number | null): number | null {
  const told = env.PKEXEC_UID ?? env.SUDO_UID
  if (effectiveUid !== 0 || told === undefined) return null
  const uid = /^\d{1,10}$/.test(told) ? Number(told) : Number.NaN
  if (!(uid <= MAX_UID)) throw new EngineError('runner.caller', { found: told.slice(0, 40) })
  return uid === 0 ? null : uid
}

/** From now on files that are named are opened with the rights of this user; null: with those of this process. Root only. */
export function actFor(uid: number | null): void {
  rights = uid === null ? null : rightsOf(uid)
}

export const actsForAnother = (): boolean => rights !== null

/** In Node since 0.9, in its types not. */
const { initgroups } = process as { initgroups?(user: number, extraGroup: number): void }

function rightsOf(uid: number): Rights {
  const own = process.getgroups?.() ?? []
  process.seteuid?.(uid)
  let gid = NOBODY
  let known = true
  try {
    gid = userInfo().gid
  } catch {
    // No entry in the user database: no group but nobody's.
    known = false
  } finally {
    process.seteuid?.(0)
  }
  if (!known) return { uid, gid, groups: [gid] }
  try {
    // Node counts the effective group to the list: root's must not be among the caller's.
    process.setegid?.(gid)
    initgroups?.(uid, gid)
    return { uid, gid, groups: process.getgroups?.() ?? [gid] }
  } finally {
    process.setegid?.(0)
    process.setgroups?.([...own])
  }
}

/**
 * Runs `work` with the caller's effective rights. Synchronous, so that nothing else of this program runs in between; the
 * real and saved ids stay root's, so the caller can neither signal nor trace it. A change back that fails ends the process.
 */
export function asCaller<T>(work: () => T): T {
  if (rights === null) return work()
  const { getgroups, setgroups, getegid, setegid, seteuid } = process
  if (!getgroups || !setgroups || !getegid || !setegid || !seteuid)
    throw new EngineError('runner.caller', { found: 'a system without user ids' })
  const [groups, group] = [getgroups(), getegid()]
  try {
    setgroups([...rights.groups])
    setegid(rights.gid)
    seteuid(rights.uid)
    return work()
  } finally {
    try {
      seteuid(0)
      setegid(group)
      setgroups(groups)
    } catch {
      // Half of somebody's rights are nobody's: going on could write with either.
      process.abort()
    }
  }
}

/** An open file that somebody named. */
export interface NamedFile extends AsyncDisposable {
  stat(): Promise<Stats>
  read(target: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
  close(): Promise<void>
}

const fdStat = promisify(fstat)
const fdRead = promisify(readFd)
const fdClose = promisify(closeFd)

/** Opens for reading, without waiting for the other end of a pipe. Throws what the system throws. */
export async function openNamed(path: string): Promise<NamedFile> {
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0)
  if (rights === null) return await open(path, flags)
  const fd = asCaller(() => openSync(path, flags | constants.O_NOFOLLOW))
  let closed: Promise<void> | null = null
  const close = (): Promise<void> => {
    closed ??= fdClose(fd)
    return closed
  }
  return {
    stat: () => fdStat(fd),
    async read(target, offset, length, position) {
      return await fdRead(fd, target, offset, length, position)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/**
 * The bytes of a regular file; of a longer one `limit` + 1 of them. Null when it is something else. Never more than the
 * file's size says, so that what has none (in /proc) gives nothing.
 */
export async function readNamed(path: string, limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
  await using file = await openNamed(path)
  const found = await file.stat()
  if (!found.isFile()) return null
  const bytes = new Uint8Array(Math.min(found.size, limit + 1))
  let length = 0
  for (let count = -1; count !== 0 && length < bytes.length; length += count)
    count = (await file.read(bytes, length, bytes.length - length, length)).bytesRead
  return bytes.subarray(0, length)
}

export const readdirNamed = async (path: string): Promise<string[]> =>
  rights === null ? await readdir(path) : asCaller(() => readdirSync(path))

export const lstatNamed = async (path: string): Promise<Stats> =>
  rights === null ? await lstat(path) : asCaller(() => lstatSync(path))
