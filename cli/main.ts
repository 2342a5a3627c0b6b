// The `twinslot` command: picks the command's module, runs it with a signal that asks it to stop, and turns whatever comes
// back into one result and one exit code (src-shared/base/errors/define.ts EXIT). Modules load only when needed.
import { scrubEnvironment } from '#node/os/clean-environment.ts'
import { listenForStop } from '#node/os/stop-signals.ts'
import { steadyStreams } from '#node/terminal/steady-stream.ts'
import { COMMANDS } from './command-table.ts'
import { exitOfOutput } from './lost-output.ts'
import { makeOutput, NOTHING_WRITTEN, type Output } from './output.ts'

async function main(argv: readonly string[]): Promise<number> {
  const [first = 'help', second = ''] = argv
  const streams = steadyStreams()
  const output = makeOutput(argv.includes('--json'), { ...streams, env: process.env, now: () => new Date() })
  return await exitOfOutput(await runCommand(argv, first, second, output), output, streams)
}

async function runCommand(argv: readonly string[], first: string, second: string, output: Output): Promise<number> {
  if (first === '--version' || first === 'version') {
    const { readFileSync } = await import('node:fs')
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    output.result({ version }, [`twinslot ${version}`])
    return 0
  }
  if (first === 'help' || first === '--help' || first === '-h') {
    const { helpFor } = await import('./help.ts')
    const text = helpFor(argv.slice(1).join(' '))
    output.result({ help: text }, text.split('\n'))
    return 0
  }
  const name = COMMANDS[`${first} ${second}`] ? `${first} ${second}` : first
  const load = COMMANDS[name]
  using stop = listenForStop(() => {
    output.event({ type: 'stopping' })
    output.line('Stopping: the step under way is being brought to a safe end.')
  })
  try {
    if (!load) {
      const found = [first, second].filter((word) => word && !word.startsWith('-')).join(' ')
      const { EngineError } = await import('#base/errors.ts')
      throw new EngineError('cli.unknown-command', { found })
    }
    const rest = argv.slice(name.split(' ').length)
    if (rest.includes('--help')) {
      const { helpFor } = await import('./help.ts')
      output.result({ help: helpFor(name) }, helpFor(name).split('\n'))
      return 0
    }
    const { run } = await load()
    return await run({ argv: [...name.split(' '), ...rest], output, signal: stop.signal })
  } catch (error) {
    return output.failure(error, NOTHING_WRITTEN)
  }
}

scrubEnvironment(process.env)
process.exitCode = await main(process.argv.slice(2))
