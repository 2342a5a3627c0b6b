// Seeds with which a property test once failed: `npm test` runs the file again with each of them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const KEPT_SEEDS_FILE = 'src-shared/testing/kept-seeds.json'

export interface KeptSeed {
  /** Path of the test file in the repository. */
  readonly file: string
  readonly seed: number
  /** Names of the tests that failed when it was found. */
  readonly found: string
}

export const keptSeeds = (root: string): readonly KeptSeed[] =>
  JSON.parse(readFileSync(join(root, KEPT_SEEDS_FILE), 'utf8'))
