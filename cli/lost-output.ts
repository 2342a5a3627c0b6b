// What a command's exit code is when its words could not be written: the outcome of work on a disk stands, whoever reads
// about it; where words were all there was, a full disk is a failure, while a reader that had enough (`| head`) is none.
import { exitAfter, explain, finding } from '#base/errors.ts'
import type { SteadyStreams } from '#node/terminal/steady-stream.ts'

export async function exitOfOutput(
  exit: number,
  output: { readonly applied: boolean },
  streams: SteadyStreams,
): Promise<number> {
  await streams.stdout.settled()
  const reason = streams.stdout.lost
  if (exit !== 0 || reason === null || reason === 'EPIPE' || output.applied) return exit
  const lost = finding('cli.output-lost', { reason })
  const { message, remedy } = explain(lost)
  streams.stderr.write(`✗ ${message}\n  ${remedy}\n  code ${lost.code}\n`)
  return exitAfter(lost.code, false)
}
