// The library of releases: files that were imported. Promises: what comes in is read whole, every byte and the format of the
// system image, before it is offered; that reading counts as long as the file is the same, also after a restart; the signature is
// judged anew whenever the trust list changes. The runner authenticates again what it writes; nothing here is its word.
import { constants } from 'node:fs'
import { copyFile, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { EngineError, isEngineError } from '#base/errors.ts'
import type { ImageView, Token } from '#contract/views.ts'
import { openBlockCodec } from '#node/codec/block-codec.ts'
import { readJsonFile, writeJsonFile } from '#node/os/state-file.ts'
import { type AuthenticatedRelease, openRelease } from '#node/release/open-release.ts'
import { checkEveryBlock, checkSystemImage } from '#node/release/release-checks.ts'
import type { TrustedKeys } from '#trust/keyring.ts'
import type { Calls, CheckRun, Files, Host, ImageEntry, Images, Trust } from '../ports.ts'
import { problemOf } from '../problem.ts'
import { openTokens } from '../tokens.ts'

const problemSchema = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})
/** The last reading of the whole file: when, of which file, and what was wrong with it. */
const readSchema = z.object({ at: z.string(), stamp: z.string(), problem: problemSchema.nullable() })
const entrySchema = z.object({
  file: z.string(),
  addedAt: z.string(),
  pinned: z.boolean(),
  read: readSchema.nullable().default(null),
})
const listSchema = z.array(entrySchema).max(1000)
type Entry = z.infer<typeof entrySchema>

type ImageCalls = Calls<'image.import' | 'image.verify' | 'image.pin' | 'image.remove'>

export interface ImageLibrary extends Images {
  readonly calls: ImageCalls
  view(): readonly ImageView[]
  /** Judges every image again: the trust list changed. */
  recheck(): Promise<void>
}

interface Kept {
  readonly entry: Entry
  readonly view: ImageView
}

/** Files that belong to a triple beside the image. */
const BESIDE = ['.sha256', '.asc'] as const

export async function openImageLibrary(
  host: Host,
  needs: { readonly trust: Trust; readonly files: Files },
): Promise<ImageLibrary> {
  const listFile = join(host.paths.images, 'library.json')
  const read = await readJsonFile(listFile, (value) => listSchema.safeParse(value).data ?? null)
  const tokens = openTokens<Kept>('image')
  const pathOf = ({ file }: Entry): string => join(host.paths.images, file)
  const views = (): readonly ImageView[] => tokens.entries().map(([, { view }]) => view)
  const entryOf = ({ entry, view: { name, hasBootFiles, product, version, hardware } }: Kept): ImageEntry => ({
    path: pathOf(entry),
    name,
    hasBootFiles,
    product,
    version,
    // A release that names no hardware is for all of the product's; a triple has nothing to name it in.
    hardware: product === null ? null : hardware,
  })
  const tell = (): void => host.tell({ type: 'images', images: views() })
  const saveList = (): Promise<void> =>
    writeJsonFile(
      listFile,
      tokens.entries().map(([, { entry }]) => entry),
    )

  const keep = (entry: Entry, view: Judged): ImageView => {
    const { pinned, addedAt } = entry
    const full = { ...view, token: tokens.name(entry.file), pinned, addedAt }
    tokens.keep(entry.file, { entry, view: full })
    return full
  }
  const judgement = async (entry: Entry, how: Parameters<typeof judgeFile>[4]) =>
    await judgeFile(pathOf(entry), entry.file, await needs.trust.keys(), host.clock.now(), how)
  const judge = async (entry: Entry, signal: AbortSignal): Promise<ImageView> =>
    keep(entry, withRead(await judgement(entry, { whole: false, signal, progress() {} }), await currentRead(entry)))
  /** Of the file as it is now; null when it was not read since it changed. */
  const currentRead = async (entry: Entry): Promise<Entry['read']> =>
    entry.read !== null && entry.read.stamp === (await stampOf(pathOf(entry))) ? entry.read : null
  /** Reads all of it, and what came of that. */
  const readWhole = async (entry: Entry, check: CheckRun): Promise<readonly [Entry, Judged]> => {
    const stamp = await stampOf(pathOf(entry))
    const judged = await judgement(entry, { ...check, whole: true })
    // Without an accepted signature nothing was compared with anything.
    if (judged.signer === null) return [{ ...entry, read: null }, judged]
    const read = { at: host.clock.now().toISOString(), stamp, problem: judged.problem }
    return [{ ...entry, read }, withRead(judged, read)]
  }

  /** Judgements after the trust list changed; one that began under an older list does not count. */
  let rounds = 0
  const recheck = async (): Promise<void> => {
    rounds += 1
    for (const [, { entry }] of tokens.entries()) await judge(entry, host.signal)
    tell()
  }

  for (const entry of read.state === 'present' ? read.value : [])
    if (await stat(pathOf(entry)).catch(() => null)) await judge(entry, host.signal)

  return {
    view: views,
    recheck,
    image(token: Token) {
      const { entry, view } = tokens.get(token)
      if (view.state === 'bad')
        throw new EngineError('host.image-bad', { name: view.name, found: view.problem?.code ?? '' })
      return entryOf({ entry, view })
    },
    at(path) {
      const found = tokens.entries().find(([, { entry }]) => pathOf(entry) === path)
      return found ? entryOf(found[1]) : null
    },
    calls: {
      'image.import': async ({ file }, signal) => {
        const from = needs.files.path(file)
        const name = basename(from)
        if (tokens.entries().some(([, { entry }]) => entry.file === name))
          throw new EngineError('host.image-exists', { name })
        const to = join(host.paths.images, name)
        await takeIn(from, to)
        const fresh = { file: name, addedAt: host.clock.now().toISOString(), pinned: false, read: null }
        const round = rounds
        const size = (await stat(to)).size
        const [entry, judged] = await host.checks
          .run(tokens.name(name), size, signal, async (check) => await readWhole(fresh, check))
          .catch(async (error: unknown) => {
            await deleteFiles(to)
            throw error
          })
        // The trust list changed while it was read: the new one judges.
        const view = round === rounds ? keep(entry, judged) : await judge(entry, host.signal)
        await saveList()
        tell()
        return view
      },
      'image.verify': async ({ image }, signal) => {
        const before = tokens.get(image)
        const round = rounds
        /** Unless somebody removed it, or the trust list changed, meanwhile: then that counts. */
        const conclude = (change: Partial<ImageView>, read?: Entry['read']): ImageView => {
          const { entry: old, view } = tokens.get(image)
          const entry = read === undefined ? old : { ...old, read }
          const next = round === rounds ? { ...view, ...change } : view
          tokens.keep(entry.file, { entry, view: next })
          tell()
          return next
        }
        return await host.checks.run(image, before.view.size, signal, async (check) => {
          conclude({ state: 'checking' })
          try {
            const [{ read }, judged] = await readWhole(before.entry, check)
            const view = conclude(judged, read)
            await saveList()
            return view
          } catch (error) {
            conclude({ state: before.view.state })
            throw error
          }
        })
      },
      'image.pin': async ({ image, pinned }) => {
        const { entry, view } = tokens.get(image)
        const done = keep({ ...entry, pinned }, view)
        await saveList()
        tell()
        return done
      },
      'image.remove': async ({ image }) => {
        const { entry } = tokens.get(image)
        if (entry.pinned) throw new EngineError('host.image-pinned', { name: entry.file })
        host.checks.stop(image)
        tokens.drop(image)
        await saveList()
        await deleteFiles(pathOf(entry))
        tell()
        return {}
      },
    },
  }
}

/** Copies an image, and what belongs to it, under a temporary name first: a half copy is never taken for an image. */
async function takeIn(from: string, to: string): Promise<void> {
  for (const suffix of BESIDE)
    if (await stat(`${from}${suffix}`).catch(() => null))
      await copyFile(`${from}${suffix}`, `${to}${suffix}`, constants.COPYFILE_FICLONE)
  await copyFile(from, `${to}.part`, constants.COPYFILE_FICLONE)
  await rename(`${to}.part`, to)
}

async function deleteFiles(path: string): Promise<void> {
  for (const suffix of ['', ...BESIDE]) await rm(`${path}${suffix}`, { force: true })
}

type Judged = Omit<ImageView, 'token' | 'pinned' | 'addedAt'>

/** Changes whenever the file does. */
async function stampOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null)
  return found === null ? 'gone' : `${found.ino} ${found.size} ${found.mtimeNs}`
}

/** What an earlier reading of the same file says, under a signature that is accepted now. */
function withRead(judged: Judged, read: Entry['read']): Judged {
  if (judged.signer === null || read === null) return judged
  const { at: readAt, problem } = read
  return { ...judged, readAt, problem, state: problem === null ? 'verified' : 'bad' }
}

/** @throws EngineError only `job.cancelled`: an image that nobody finished reading is not judged */
async function judgeFile(
  path: string,
  name: string,
  trusted: TrustedKeys,
  now: Date,
  { whole, signal, progress: onProgress }: CheckRun & { readonly whole: boolean },
): Promise<Judged> {
  const size = (await stat(path).catch(() => null))?.size ?? 0
  let facts: Omit<Judged, 'state' | 'problem'> = { ...UNKNOWN, name, size }
  try {
    await using release = await openRelease(path, trusted, { now, signal, onProgress })
    facts = imageFacts(release, name, size)
    // A triple was read whole when it was opened.
    if (!whole && release.kind === 'bundle') return { ...facts, state: 'trusted', problem: null }
    await using codec = openBlockCodec()
    await checkEveryBlock(release, release.roles, codec, { signal, onProgress })
    const [unfit] = await checkSystemImage(release, codec)
    return unfit
      ? { ...facts, state: 'bad', problem: problemOf(unfit) }
      : { ...facts, state: 'verified', problem: null }
  } catch (error) {
    if (isEngineError(error, 'job.cancelled')) throw error
    return { ...facts, state: 'bad', problem: problemOf(error) }
  }
}

const UNKNOWN = {
  kind: 'bundle',
  product: null,
  version: null,
  digest: null,
  channel: null,
  counter: null,
  created: null,
  expires: null,
  hardware: [],
  signer: null,
  hasBootFiles: false,
  readAt: null,
} as const

function imageFacts(release: AuthenticatedRelease, name: string, size: number) {
  const { manifest, signer, kind, roles, facts } = release
  return {
    name,
    kind,
    size,
    // Of a triple: what its image says of itself.
    product: facts.product,
    version: facts.version,
    digest: facts.digest,
    channel: manifest?.channel ?? null,
    counter: facts.counter,
    created: manifest?.created ?? null,
    expires: manifest?.expires ?? null,
    hardware: facts.hardware ?? [],
    signer: { fingerprint: signer.fingerprint, name: signer.userId ?? '', expires: signer.keyExpires },
    hasBootFiles: roles.includes('esp'),
    readAt: null,
  }
}
