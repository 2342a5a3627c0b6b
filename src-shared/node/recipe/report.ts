// What a build leaves beside the image for people and for the next build: its inputs, its outputs, and the list of packages.
import { join } from 'node:path'
import { sha256Hex } from '../codec/hashing.ts'
import { writeOutput } from '../os/output-file.ts'
import { writeAll } from '../release/pack-image.ts'
import type { BuildOptions, BuiltImage } from './build-options.ts'

/** A file that is there whole or not at all. Throws `release.output-failed`. */
export const saveFile = (file: string, content: Uint8Array): Promise<void> =>
  writeOutput(file, (handle) => writeAll(handle, content, 0))

export interface ReportFacts extends BuiltImage {
  readonly mirrors: readonly string[]
  readonly kernel: string
  readonly python: string | null
  readonly digests: ReadonlyMap<string, string>
}

/** build-report.json: what went in and what came out; packages.lock: what `packages` of a recipe can pin. */
export async function writeReport(options: BuildOptions, publish: string, facts: ReportFacts): Promise<void> {
  const { config, configDigest } = options
  const { packages, digests, ...outputs } = facts
  const lock = Buffer.from(packages.map((each) => `${each}\n`).join(''))
  const content = {
    schema: 'twinslot-build/1',
    product: config.product,
    version: config.version,
    base: { ...config.base_os, mirrors: outputs.mirrors },
    recipe: configDigest,
    sourceDateEpoch: outputs.sourceDateEpoch,
    kernel: outputs.kernel,
    python: outputs.python,
    packages,
    packagesDigest: sha256Hex(lock),
    wheels: Object.fromEntries([...digests].sort()),
    pythonPackages: config.hypernet_dependencies,
    tests: config.tests.map(({ name }) => name),
    image: { name: outputs.image, size: outputs.size, sha256: outputs.sha256, filesystem: config.filesystem },
    bundle: { name: outputs.bundle, manifest: outputs.digest },
    signer: outputs.signer,
  }
  await saveFile(join(publish, 'packages.lock'), lock)
  await saveFile(join(publish, 'build-report.json'), Buffer.from(`${JSON.stringify(content, null, 2)}\n`))
}
