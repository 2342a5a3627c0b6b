// A system image from a recipe, in the nine steps of the specification. Promises: nothing appears in the output folder
// unless all of it does; nothing stays behind when it fails or is cancelled; the same inputs, SOURCE_DATE_EPOCH and key give
// the same image and the same bundle.
import { chmod, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { EngineError, isEngineError, throwIfAborted } from '#base/errors.ts'
import type { BuildConfig } from '#format/build-config.ts'
import { encodeManifest } from '#format/manifest.ts'
import { signDetached } from '#trust/sign.ts'
import { digesterOf } from '../codec/hashing.ts'
import { makeFolder } from '../os/make-folder.ts'
import { errnoOf, reasonOf } from '../os/os-errors.ts'
import { missingOf, toolMissing } from '../os/run-tool.ts'
import { checkedFacts, createRelease } from '../release/create-release.ts'
import { signImage } from '../release/sign-image.ts'
import { checkPrograms, copyIn } from './application.ts'
import { checkPackages, fetchLists, installedPackages, installPackages, makeBase, type PackageLists } from './base.ts'
import type { BuildOptions, BuiltImage } from './build-options.ts'
import { cleanTree } from './clean.ts'
import { describeImage, driversFor } from './describe.ts'
import { checkImage, makeImage } from './file-system.ts'
import { runImageTests } from './image-tests.ts'
import { fetchKernel, type Kernel, kernelPackageOf, placeKernel } from './kernel.ts'
import { checkWheels, installPython, precompile } from './python.ts'
import { prepareReadOnlyRoot } from './read-only-root.ts'
import { saveFile, writeReport } from './report.ts'
import { type BuildRoom, spaceError } from './room.ts'

/** Where tree and kernel come from; tests put a small tree of their own in. */
export interface BaseMaker {
  /** Programs of the builder that it needs. */
  readonly tools: readonly string[]
  /** Finds out whether all can be had, before the long work. */
  prepare(room: BuildRoom, config: BuildConfig, mirror: string | null): Promise<PackageLists>
  makeBase(room: BuildRoom, lists: PackageLists, suite: string): Promise<void>
  installPackages(room: BuildRoom, packages: readonly string[]): Promise<void>
  fetchKernel(room: BuildRoom, lists: PackageLists, wanted: string): Promise<Kernel>
}

const APT: BaseMaker = {
  tools: ['mmdebstrap', 'apt-get', 'apt-cache', 'apt-config', 'dpkg', 'dpkg-deb'],
  async prepare(room, config, mirror) {
    const lists = await fetchLists(room, config.base_os, mirror)
    await checkPackages(room, lists, [...config.packages, kernelPackageOf(config)], config.base_os.suite)
    return lists
  },
  makeBase,
  installPackages,
  fetchKernel,
}

const TOOLS = ['unshare', 'chroot', 'mount', 'busybox', 'depmod', 'cpio', 'zstd', 'xz', 'find', 'touch', 'du', 'cp']

/** The tools that building this recipe needs. */
export const buildTools = ({ filesystem }: BuildConfig, base = APT): string[] => [
  ...base.tools,
  ...TOOLS,
  filesystem === 'squashfs' ? 'mksquashfs' : 'mke2fs',
  ...(filesystem === 'ext4' ? ['debugfs', 'dumpe2fs'] : []),
]

/** The titles of the nine steps. */
function titles(config: BuildConfig): readonly string[] {
  const { base_os, packages, hypernet_dependencies, application, device_programs, tests, filesystem } = config
  const many = (list: readonly unknown[], one: string) => `${list.length} ${one}${list.length === 1 ? '' : 's'}`
  return [
    `Make the base ${base_os.name} (${base_os.suite})`,
    `Install ${many(packages, 'package')} and fetch the kernel`,
    `Install ${many(hypernet_dependencies, 'Python package')}`,
    `Copy ${many(application, 'part')} of the application${device_programs ? " and the device's programs" : ''}`,
    'Compile byte code',
    `Run ${many(tests, 'test')} in the image`,
    `Make the ${filesystem} image with kernel and initial RAM disk`,
    'Sign image and bundle',
    'Publish',
  ]
}

/**
 * Builds, signs and publishes an image.
 * Throws `recipe.*`, `tool.*`, `image.*`, `boot.kernel-module`, what createRelease and signImage throw, `job.cancelled`.
 */
export async function buildImage(options: BuildOptions, base: BaseMaker = APT): Promise<BuiltImage> {
  const out = resolve(options.out)
  const { config, signal } = options
  await checkBeforehand(options, out, base)
  const work = join(dirname(out), `.${basename(out)}.build-${process.pid}`)
  const epoch = Math.floor(options.created.getTime() / 1000)
  const room: BuildRoom = { work, tree: join(work, 'tree'), epoch, signal }
  try {
    await rm(work, { recursive: true, force: true })
    await mkdir(work, { mode: 0o700 })
    return await nineSteps(options, room, out, base, stepper(titles(config), options))
  } catch (error) {
    if (signal?.aborted) throwIfAborted(signal)
    throw outcomeOf(error, dirname(out))
  } finally {
    // Mounts were made in namespaces that are gone by now, so this meets files of ours only.
    await rm(work, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Errors of the operating system in the words of the catalogue. */
function outcomeOf(error: unknown, folder: string): unknown {
  const known = spaceError(error, folder)
  if (isEngineError(known) || errnoOf(known) === 'unknown error') return known
  return new EngineError('release.output-failed', { path: folder, reason: reasonOf(known) }, { cause: known })
}

type Stepper = <T>(step: number, work: () => Promise<T>) => Promise<T>

function stepper(names: readonly string[], { onStep, signal }: BuildOptions): Stepper {
  return async (step, work) => {
    throwIfAborted(signal)
    onStep?.(step, names[step - 1], 'started')
    const result = await work()
    onStep?.(step, names[step - 1], 'done')
    return result
  }
}

/** Everything that can be refused in a second, before anything is fetched. */
async function checkBeforehand(options: BuildOptions, out: string, base: BaseMaker): Promise<void> {
  const { config, key, created, folder, programs = null } = options
  const uid = process.getuid?.() ?? -1
  if (uid !== 0) throw new EngineError('recipe.needs-root', { uid })
  const there = await lstat(out).catch(() => null)
  if (there && (!there.isDirectory() || (await readdir(out)).length > 0))
    throw new EngineError('recipe.out-exists', { folder: out })
  await makeFolder(dirname(out)).catch((cause: unknown) => {
    throw new EngineError('release.output-failed', { path: dirname(out), reason: reasonOf(cause) }, { cause })
  })
  const [missing] = await missingOf(buildTools(config, base))
  if (missing) throw toolMissing(missing.tool)
  checkedFacts({ ...factsOf(config), created })
  for (const { from } of config.application) {
    const path = resolve(folder, from)
    await lstat(path).catch((cause: unknown) => {
      throw new EngineError('recipe.input-missing', { key: 'application', path, reason: reasonOf(cause) }, { cause })
    })
  }
  await checkPrograms(config.device_programs, programs)
  // A key that may not sign at that time is found now, not after the long work.
  await signDetached(key, created, digesterOf(new Uint8Array(0)))
}

async function nineSteps(
  options: BuildOptions,
  room: BuildRoom,
  out: string,
  base: BaseMaker,
  step: Stepper,
): Promise<BuiltImage> {
  const { config, folder, mirror = null, programs = null } = options
  const { suite } = config.base_os
  const wheels = config.wheels === undefined ? null : resolve(folder, config.wheels)
  const digests = wheels === null ? new Map<string, string>() : await checkWheels(wheels)
  const lists = await step(1, async () => {
    const found = await base.prepare(room, config, mirror)
    await base.makeBase(room, found, suite)
    return found
  })
  const kernel = await step(2, async () => {
    await base.installPackages(room, config.packages)
    return await base.fetchKernel(room, lists, kernelPackageOf(config))
  })
  const packages = [...(await installedPackages(room)), ...kernel.packages].sort()
  const { hypernet_dependencies: dependencies, python_version: pythonVersion } = config
  await step(3, () => installPython(room, { dependencies, pythonVersion, wheels, digests }))
  await step(4, async () => {
    for (const { from, to, mode } of config.application)
      await copyIn(room, { from: resolve(folder, from), to, mode, key: 'application' })
    if (programs !== null) await copyIn(room, { from: programs, to: '/', key: '--programs' })
  })
  const python = await step(5, () =>
    precompile(
      room,
      config.application.map(({ to }) => to),
    ),
  )
  await step(6, () => runImageTests(room, config.tests))
  const publish = join(room.work, 'publish')
  const image = `${config.product}-${config.version}.img`
  const size = await step(7, () => fileSystem(options, room, kernel, join(publish, image)))
  const signed = await step(8, () => sign(options, publish, image))
  return await step(9, async () => {
    const built = { image, size, ...signed, packages, sourceDateEpoch: room.epoch }
    await writeReport(options, publish, { ...built, mirrors: lists.mirrors, kernel: kernel.release, python, digests })
    await chmod(publish, 0o755)
    throwIfAborted(options.signal)
    await rename(publish, out)
    return built
  })
}

async function fileSystem(
  { config, slotSize, layout = null }: BuildOptions,
  room: BuildRoom,
  kernel: Kernel,
  out: string,
): Promise<number> {
  const modules = await placeKernel(room, kernel, config.kernel, driversFor(layout))
  const init = await lstat(join(room.tree, 'sbin/init')).catch(() => null)
  if (!init) throw new EngineError('recipe.no-init')
  await cleanTree(room, config.product)
  await describeImage(room, { config, layout, modules })
  await prepareReadOnlyRoot(room.tree)
  await makeFolder(dirname(out))
  const { filesystem: kind, compression } = config
  const size = await makeImage(room, { kind, compression, slotSize, out })
  await checkImage(out, size)
  return size
}

/** What the manifest says of the release itself. */
const factsOf = ({ product, version, channel, counter, hardware, expires, minimum_version }: BuildConfig) => ({
  ...{ product, version, channel, counter, hardware },
  expires: expires ?? null,
  minimumVersion: minimum_version ?? null,
})

async function sign(options: BuildOptions, publish: string, image: string) {
  const { config, key, created, boot = null, signal } = options
  const system = join(publish, image)
  const { sha256 } = await signImage(system, key, { now: created, signal })
  const bundle = image.replace(/\.img$/, '.twinslot')
  const { manifest, digest, signer } = await createRelease({
    ...factsOf(config),
    ...{ system, boot, key, created, signal },
    out: join(publish, bundle),
  })
  await saveFile(join(publish, image.replace(/\.img$/, '.manifest.json')), encodeManifest(manifest))
  return { sha256, bundle, digest, signer }
}
