// The `twinslot` command: picks the command's module, runs it with an abort signal for Ctrl-C, and turns whatever comes
// back into one result and one exit code (src-shared/base/errors/define.ts EXIT). Modules load only when needed.
import { scrubEnvironment } from '../src-shared/node/clean-environment.ts'
import { COMMANDS } from './commands.ts'
import { makeOutput, NOTHING_WRITTEN } from './output.ts'

async function main(argv: readonly string[]): Promise<number> {
  const [first = 'help', second = ''] = argv
  const output = makeOutput(argv.includes('--json'), {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    now: () => new Date(),
  })
  if (first === '--version' || first === 'version') {
    const { readFileSync } = await import('node:fs')
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    output.result({ version }, [`twinslot ${version}`])
    return 0
  }
  if (first === 'help' || first === '--help' || first === '-h') {
    const { helpFor } = await import('./help.ts')
    const text = helpFor(argv.slice(1).join(' '))
    output.result({ help: text }, [text])
    return 0
  }
  const name = COMMANDS[`${first} ${second}`] ? `${first} ${second}` : first
  const load = COMMANDS[name]
  const abort = new AbortController()
  let interrupts = 0
  const interrupt = () => {
    interrupts++
    if (interrupts > 1) output.line('Stopping: the step under way is being brought to a safe end.')
    abort.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    if (!load) {
      const found = [first, second].filter((word) => word && !word.startsWith('-')).join(' ')
      const { EngineError } = await import('../src-shared/base/errors.ts')
      throw new EngineError('cli.unknown-command', { found })
    }
    const rest = argv.slice(name.split(' ').length)
    if (rest.includes('--help')) {
      const { helpFor } = await import('./help.ts')
      output.result({ help: helpFor(name) }, [helpFor(name)])
      return 0
    }
    const { run } = await load()
    return await run({ argv: [...name.split(' '), ...rest], output, signal: abort.signal })
  } catch (error) {
    return output.failure(error, NOTHING_WRITTEN)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

scrubEnvironment(process.env)
process.exitCode = await main(process.argv.slice(2))
