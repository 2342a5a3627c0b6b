// Command words and questions of osiris-update and hypernet-admin.
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { EngineError } from '#base/errors.ts'
import { terminalOutput } from '#node/terminal/steady-stream.ts'

export interface Words {
  readonly positionals: readonly string[]
  flag(name: string): boolean
  text(name: string): string | null
}

/** @throws EngineError `update.usage` */
export function parseWords(
  program: string,
  argv: readonly string[],
  { flags, texts = [] }: { readonly flags: readonly string[]; readonly texts?: readonly string[] },
): Words {
  const options: Record<string, { type: 'string' | 'boolean' }> = {}
  for (const name of flags) options[name] = { type: 'boolean' }
  for (const name of texts) options[name] = { type: 'string' }
  try {
    const { positionals, values } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
    return {
      positionals,
      flag: (name) => values[name] === true,
      text(name) {
        const value = values[name]
        return typeof value === 'string' ? value : null
      },
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message.split('. To specify')[0] : String(error)
    throw usage(program, problem)
  }
}

export const usage = (program: string, problem: string): EngineError =>
  new EngineError('update.usage', { program, problem: problem.endsWith('.') ? problem : `${problem}.` })

export interface Asker {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream
}

/**
 * Asks until `expected` was typed or something else was.
 * @throws EngineError `update.no-terminal`, `update.not-confirmed`, `job.cancelled`
 */
export async function askFor(expected: string, signal: AbortSignal, asker: Asker = terminal()): Promise<void> {
  if (!asker.input.isTTY) throw new EngineError('update.no-terminal')
  const lines = createInterface({ input: asker.input, output: asker.output })
  try {
    const answer = await lines.question(`Type ${expected} to go ahead: `, { signal })
    if (answer.trim().toLowerCase() !== expected.toLowerCase())
      throw new EngineError('update.not-confirmed', { found: answer.slice(0, 40), expected })
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError')
      throw new EngineError('job.cancelled', {}, { cause: error })
    throw error
  } finally {
    lines.close()
  }
}

const terminal = (): Asker => ({ input: process.stdin, output: terminalOutput() })
