// Steps 3 and 5: pinned Python packages by the image's own pip, from a folder of wheels with digests or from the index that
// pip knows; then byte code that never looks at times, so that it is the same in every build.
import { chmod, copyFile, lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { readBounded, readBoundedText, sha256OfFile } from '../os/bounded-read.ts'
import { reasonOf } from '../os/os-errors.ts'
import { type BuildRoom, inTree, lastWords } from './room.ts'

const MINUTE = 60_000
const WHEELS = 'wheels'

/** Digest of each wheel by name. Throws `recipe.input-missing`, `recipe.wheel-mismatch`. */
export async function checkWheels(folder: string): Promise<ReadonlyMap<string, string>> {
  const missing = (path: string, reason: string) =>
    new EngineError('recipe.input-missing', { key: WHEELS, path, reason })
  const read = <T>(name: string, work: (path: string) => Promise<T>): Promise<T> =>
    work(join(folder, name)).catch((error) => {
      throw missing(join(folder, name), reasonOf(error))
    })
  const listed = new Map<string, string>()
  for (const row of (await read('SHA256SUMS', readBoundedText)).split('\n')) {
    const match = /^([0-9a-f]{64}) [ *]([^/\0]+\.whl)$/.exec(row)
    if (match) listed.set(match[2], match[1])
    else if (row.trim() !== '')
      throw missing(join(folder, 'SHA256SUMS'), `the line "${row.slice(0, 80)}" is no digest and wheel`)
  }
  for (const name of (await readdir(folder)).filter((each) => each.endsWith('.whl')))
    if (!listed.has(name)) throw missing(join(folder, name), 'SHA256SUMS does not list it')
  for (const [wheel, expected] of listed) {
    const found = await read(wheel, sha256OfFile)
    if (found !== expected) throw new EngineError('recipe.wheel-mismatch', { wheel, expected, found })
  }
  return listed
}

/** Programs called python3.N in the tree, highest first; `wanted` is a version such as 3.11. */
async function pythonsOf(tree: string, wanted?: string): Promise<string[]> {
  const names = await readdir(join(tree, 'usr/bin')).catch(() => [])
  const pythons = names.filter((name) => /^python3\.\d+$/.test(name) && (!wanted || name === `python${wanted}`))
  return pythons.sort((a, b) => Number(b.slice(8)) - Number(a.slice(8)))
}

export interface PythonRequest {
  /** Each pinned: name==version. */
  readonly dependencies: readonly string[]
  readonly pythonVersion?: string
  /** Folder of wheels that checkWheels has read; null asks the index. */
  readonly wheels: string | null
  readonly digests: ReadonlyMap<string, string>
}

/** Step 3. Throws `recipe.no-python`, `recipe.python-failed`, `recipe.wheel-mismatch`. */
export async function installPython(room: BuildRoom, request: PythonRequest): Promise<void> {
  const { dependencies, pythonVersion, wheels, digests } = request
  const [python] = await pythonsOf(room.tree, pythonVersion)
  const wanted = `python${pythonVersion ?? '3'}`
  if (pythonVersion !== undefined && !python)
    throw new EngineError('recipe.no-python', { python: wanted, key: 'python_version' })
  if (dependencies.length === 0) return
  const noPip = new EngineError('recipe.no-python', { python: `${wanted} with pip`, key: 'hypernet_dependencies' })
  if (!python) throw noPip
  const run = (args: readonly string[], network: boolean) =>
    inTree(room, [`/usr/bin/${python}`, '-m', 'pip', ...args], {
      timeoutMs: 20 * MINUTE,
      network,
      env: { PIP_BREAK_SYSTEM_PACKAGES: '1', PIP_ROOT_USER_ACTION: 'ignore', PYTHONHASHSEED: '0' },
    })
  if ((await run(['--version'], false)).code !== 0) throw noPip
  const store = join(room.tree, 'twinslot-wheels')
  const common = ['install', '--no-input', '--no-cache-dir', '--no-compile', '--disable-pip-version-check']
  try {
    if (wheels !== null) await copyWheels(wheels, store, digests)
    const source = wheels === null ? [] : ['--no-index', '--find-links', '/twinslot-wheels', '--only-binary', ':all:']
    const outcome =
      wheels === null
        ? await withResolver(room, () => run([...common, '--retries', '1', ...dependencies], true))
        : await run([...common, ...source, ...dependencies], false)
    if (outcome.code !== 0) throw new EngineError('recipe.python-failed', { reason: lastWords(outcome) })
  } finally {
    await rm(store, { recursive: true, force: true })
  }
}

/** Copies, and compares what was copied: the folder may have changed since it was checked. */
async function copyWheels(folder: string, store: string, digests: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(store)
  for (const [wheel, expected] of digests) {
    await copyFile(join(folder, wheel), join(store, wheel))
    const found = await sha256OfFile(join(store, wheel))
    if (found !== expected) throw new EngineError('recipe.wheel-mismatch', { wheel, expected, found })
  }
}

/** The builder's name servers are known in the tree for as long as `work` runs. */
async function withResolver<T>({ tree }: BuildRoom, work: () => Promise<T>): Promise<T> {
  const [own, kept] = [join(tree, 'etc/resolv.conf'), join(tree, 'etc/resolv.conf.image')]
  const there = (await lstat(own).catch(() => null)) !== null
  if (there) await rename(own, kept)
  try {
    await writeFile(own, await readBounded('/etc/resolv.conf').catch(() => ''))
    await chmod(own, 0o644)
    return await work()
  } finally {
    await rm(own, { force: true })
    if (there) await rename(kept, own)
  }
}

/**
 * Step 5: compiles every Python source of the tree anew. Answers which Python did it; null when the image has none.
 * Sources that do not compile (there are such test files) stay sources.
 */
export async function precompile(room: BuildRoom, folders: readonly string[]): Promise<string | null> {
  const [python] = await pythonsOf(room.tree)
  if (!python) return null
  const places = ['/usr/lib/python3', `/usr/lib/${python}`, `/usr/local/lib/${python}`, ...folders]
  // Only modules that a minimal Python has, too.
  const script = `import os, py_compile, sys
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
for place in dict.fromkeys(sys.argv[1:]):
    for folder, folders, files in os.walk(place):
        folders.sort()
        if os.path.basename(folder) == '__pycache__':
            for name in files:
                os.remove(os.path.join(folder, name))
for place in dict.fromkeys(sys.argv[1:]):
    for folder, folders, files in os.walk(place):
        folders.sort()
        for name in sorted(files):
            if name.endswith('.py'):
                py_compile.compile(os.path.join(folder, name), invalidation_mode=mode, quiet=2)
`
  const env = { PYTHONHASHSEED: '0' }
  const outcome = await inTree(room, [`/usr/bin/${python}`, '-I', '-B', '-c', script, ...places], {
    timeoutMs: 15 * MINUTE,
    env,
  })
  if (outcome.code !== 0)
    throw new EngineError('tool.failed', { tool: python, code: outcome.code, stderr: lastWords(outcome) })
  return python
}
