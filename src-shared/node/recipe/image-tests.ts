// Step 6: the recipe's tests run inside the tree, without network, each with a time limit, over a layer in memory: what they
// write does not reach the image. The first that fails stops the build.
import { EngineError, isEngineError } from '#base/errors.ts'
import type { BuildConfig } from '#format/build-config.ts'
import { type BuildRoom, inTree } from './room.ts'

type ImageTest = BuildConfig['tests'][number]

/** Throws `recipe.test-failed` with the end of the test's output. */
export async function runImageTests(room: BuildRoom, tests: readonly ImageTest[]): Promise<void> {
  for (const { name, run, timeout } of tests) {
    const failed = (reason: string, output: string, cause?: unknown) =>
      new EngineError('recipe.test-failed', { test: name, reason, output: lastPart(output) }, { cause })
    try {
      const options = { timeoutMs: timeout * 1000, discard: true }
      const { code, stdout, stderr } = await inTree(room, ['/bin/sh', '-c', `(${run}\n) 2>&1`], options)
      if (code !== 0) throw failed(`exit code ${code}`, stdout || stderr)
    } catch (error) {
      if (isEngineError(error, 'tool.timeout')) throw failed(`no end after ${timeout} s`, '', error)
      throw error
    }
  }
}

/** What fits into a message: the last lines, printable. */
const lastPart = (output: string): string =>
  output
    .replace(/[^\P{C}\n]/gu, '')
    .trim()
    .split('\n')
    .slice(-12)
    .join('\n')
    .slice(-2000) || '(nothing)'
