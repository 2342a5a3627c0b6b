// Configurations being looked at and edited: each is a copy of its own, from a folder or from /config of a disk, checked
// after every change. Secrets stay in the host. What a restore writes is the draft's folder.
import { randomBytes } from 'node:crypto'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EngineError, type Finding } from '#base/errors.ts'
import type { ConsoleParams } from '#contract/console.ts'
import type { ConfigDraftView, ConfigFileView, Token } from '#contract/views.ts'
import { CONFIG_LIMITS, configPathProblem } from '#model/config-path.ts'
import { checkConfigTree } from '#node/config/config-check.ts'
import { readConfigBytes, readConfigFolder } from '#node/config/config-folder.ts'
import { readBounded } from '#node/os/bounded-read.ts'
import { makeFolder } from '#node/os/make-folder.ts'
import { errnoOf } from '#node/os/os-errors.ts'
import { pathFor } from '../bench/unit-view.ts'
import type { Bench, Calls, ConfigDrafts, Files, Host } from '../ports.ts'
import { problemError, problemOf } from '../problem.ts'
import { startRunner } from '../runner-client.ts'
import { openTokens } from '../tokens.ts'
import { isSecretFile, maskYaml, unmask, YAML } from './secrets.ts'

interface DraftFile {
  readonly path: string
  readonly mode: number
  readonly secret: boolean
  /** As a window sees it; null for a secret or a file that is no text. */
  readonly shown: string | null
  readonly originals: ReadonlyMap<string, string>
}

interface Draft {
  readonly folder: string
  readonly from: string
  /** Of which unit it is, for people; null for a folder. */
  readonly unit: string | null
  readonly files: ReadonlyMap<string, DraftFile>
}

export interface DraftNeeds {
  readonly bench: Pick<Bench, 'unit'>
  readonly files: Files
}

/** More than this is not sent to a window in one piece. */
const MAX_TEXT = 1_000_000
/** More than a restore takes, and than a window can send. */
const MAX_FILE = 2 * CONFIG_LIMITS.bytes

/**
 * Drafts of a console that has ended: nobody can open them any more, and they may hold secrets. With them goes all else that was
 * made for it; only `needed` folders of drafts stay.
 */
export async function clearWork(work: string, needed: readonly string[]): Promise<void> {
  const drafts = join(work, 'config')
  for (const path of [...(await entriesOf(work)), ...(await entriesOf(drafts))])
    if (path !== drafts && !needed.includes(path)) await rm(path, { recursive: true, force: true })
}

/** None of a folder that is not there. */
const entriesOf = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(noneWhenMissing)).map((name) => join(folder, name))

/** @throws all else: a draft that cannot be removed must not be taken as gone. */
function noneWhenMissing(error: unknown): string[] {
  if (errnoOf(error) === 'ENOENT') return []
  throw error
}

/** A draft's folder lives below `host.paths.work`, readable by this user only. */
export function openDrafts(
  host: Host,
  { bench, files }: DraftNeeds,
): ConfigDrafts & { readonly calls: Calls<'config.open' | 'config.edit'> } {
  const drafts = openTokens<Draft>('draft')
  let last: Promise<unknown> = Promise.resolve()
  /** One edit after the other, whichever window it comes from; nobody is given a folder while a file of it is replaced. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work)
    last = mine.catch(() => {
      // Told to whoever asked for it.
    })
    return mine
  }

  const fromFolder = async (folder: string): Promise<RawFile[]> =>
    await Promise.all(
      (await readConfigFolder(folder)).map(async (file) => ({
        path: file.path,
        mode: file.mode,
        bytes: await readConfigBytes(folder, file),
      })),
    )

  const fromUnit = async (target: string, signal: AbortSignal): Promise<RawFile[]> => {
    await using runner = await startRunner(await host.runnerFor(target))
    const stop = () => runner.send({ verb: 'cancel' })
    signal.addEventListener('abort', stop, { once: true })
    runner.send({ verb: 'config', target })
    const answer = await runner.answer(() => {})
    signal.removeEventListener('abort', stop)
    if (answer.say === 'failed') throw problemError(answer.problems[0])
    if (answer.say !== 'config')
      throw new EngineError('runner.protocol', { problem: `"${answer.say}" instead of "config"` })
    if (answer.left.length > 0) host.log(`config: left out ${answer.left.length} links or devices`)
    return answer.files.map(({ path, mode, base64 }) => ({ path, mode, bytes: Buffer.from(base64, 'base64') }))
  }

  const viewOf = async (token: Token): Promise<ConfigDraftView> => {
    const draft = drafts.get(token)
    const views = [...draft.files.values()].map(async ({ path, secret, shown }): Promise<ConfigFileView> => {
      const { size } = await stat(join(draft.folder, path))
      return { path, size, secret, text: shown }
    })
    return {
      draft: token,
      from: draft.from,
      unit: draft.unit,
      files: await Promise.all(views),
      problems: await problemsOf(draft),
    }
  }

  const edit = async ({ draft: token, path, text }: ConsoleParams<'config.edit'>): Promise<ConfigDraftView> => {
    const draft = drafts.get(token)
    const before = draft.files.get(path)
    checkName(path, draft)
    if (before ? before.shown === null : isSecretFile(path, text))
      throw new EngineError('restore.secret', { file: path })
    const edited = unmask(text, before?.originals ?? new Map())
    if (isSecretFile(path, edited)) throw new EngineError('restore.secret', { file: path })
    const masked = YAML.test(path) ? maskYaml(text, before?.originals) : null
    await put(draft.folder, path, Buffer.from(edited))
    const after: DraftFile = {
      path,
      mode: before?.mode ?? 0o644,
      secret: false,
      // A text with mistakes is shown as it was typed: it came from the window and holds its masks still.
      shown: masked?.text ?? text,
      originals: masked?.originals ?? before?.originals ?? new Map(),
    }
    drafts.keep(idOf(draft), { ...draft, files: new Map(draft.files).set(path, after) })
    return await viewOf(token)
  }

  const inFolder = (folder: string): Draft | undefined =>
    drafts.entries().find(([, each]) => each.folder === folder)?.[1]

  return {
    folder: (token) => inTurn(async () => drafts.get(token).folder),
    modes: (folder) => [...(inFolder(folder)?.files.values() ?? [])].map(({ path, mode }) => [path, mode]),
    at(folder) {
      const draft = inFolder(folder)
      if (draft === undefined) return { from: null, unit: null, files: null }
      return { from: draft.unit === null ? draft.from : null, unit: draft.unit, files: draft.files.size }
    },
    calls: {
      'config.open': async ({ file, unit: asked }, signal) => {
        const entry = asked === null ? null : bench.unit(asked)
        const unit = entry && (entry.view.serial ?? pathFor(entry.disk.path))
        const source = entry ? entry.disk.path : file === null ? null : files.path(file)
        if (source === null) throw new EngineError('host.unknown-token', { what: 'file' })
        const raw = entry ? await fromUnit(source, signal) : await fromFolder(source)
        const id = randomBytes(8).toString('hex')
        const folder = join(host.paths.work, 'config', id)
        await makeFolder(folder, 0o700)
        const kept = new Map<string, DraftFile>()
        for (const each of raw) kept.set(each.path, await takeIn(folder, each))
        return await viewOf(drafts.keep(id, { folder, from: source, unit, files: kept }))
      },
      'config.edit': (asked) => inTurn(() => edit(asked)),
    },
  }
}

interface RawFile {
  readonly path: string
  readonly mode: number
  readonly bytes: Uint8Array
}

const idOf = ({ folder }: Draft): string => folder.split('/').at(-1) ?? folder

async function takeIn(folder: string, { path, mode, bytes }: RawFile): Promise<DraftFile> {
  await put(folder, path, bytes)
  const text = textOf(bytes)
  const base = { path, mode, originals: new Map<string, string>() }
  if (isSecretFile(path, text)) return { ...base, secret: true, shown: null }
  if (text === null || !YAML.test(path)) return { ...base, secret: false, shown: text }
  const masked = maskYaml(text)
  return masked
    ? { ...base, secret: false, shown: masked.text, originals: masked.originals }
    : { ...base, secret: true, shown: null }
}

/** Whatever mode it gets on a disk: here its owner must be able to read it, and nobody else. */
async function put(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const target = join(folder, path)
  await makeFolder(dirname(target), 0o700)
  await rm(target, { force: true })
  await writeFile(target, bytes, { mode: 0o600, flag: 'wx' })
}

/** Null for bytes that are no text. */
function textOf(bytes: Uint8Array): string | null {
  if (bytes.length > MAX_TEXT || bytes.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // Not UTF-8: that is the answer.
    return null
  }
}

/** @throws EngineError `restore.bad-file-name` */
function checkName(path: string, { files }: Draft): void {
  const bad = (reason: string) => new EngineError('restore.bad-file-name', { file: path, reason })
  const reason = configPathProblem(path)
  if (reason !== null) throw bad(reason)
  const above = [...files.keys()].find((known) => path.startsWith(`${known}/`) || known.startsWith(`${path}/`))
  if (above !== undefined && !files.has(path)) throw bad(`${above} is there`)
}

type DraftProblem = ConfigDraftView['problems'][number]

async function problemsOf({ folder, files }: Draft): Promise<DraftProblem[]> {
  const read = async (path: string): Promise<string | null> =>
    files.has(path) ? textOf(await readBounded(join(folder, path), MAX_FILE)) : null
  const further = [...files.keys()].filter((path) => YAML.test(path))
  const findings = await checkConfigTree({ name: (path) => path, read, further })
  return findings.map(problemIn)
}

/** Complaints name a kind of value, never the value. */
function problemIn(found: Finding): DraftProblem {
  const { file, missing, line } = found.details
  return {
    ...problemOf(found),
    file: String(file ?? missing ?? ''),
    line: typeof line === 'number' ? line : null,
  }
}
