// The command line inside the station guest, called as scripts call it: events as they come, one result, the exit code.
import type { Result, Row, Run } from '../cli/twinslot.ts'
import type { Station } from './station-vm.ts'

/** The compile cache spares the emulated processor most of what a start costs. */
const ENVIRONMENT = 'NODE_COMPILE_CACHE=/tmp/compiled TWINSLOT_STATE=/var/twinslot NO_COLOR=1 TERM=dumb'
export const COMMAND = `${ENVIRONMENT} /opt/twinslot/bin/twinslot`

export interface GuestOptions {
  readonly timeoutMs?: number
  onEvent?(event: Row): void
}

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

export async function twinslotIn(station: Station, args: readonly string[], options: GuestOptions = {}): Promise<Run> {
  const rows: Row[] = []
  const done = await station.run([COMMAND, ...[...args, '--json'].map(quote)].join(' '), {
    timeoutMs: options.timeoutMs ?? 240_000,
    onLine(line) {
      const row: Row = JSON.parse(line)
      rows.push(row)
      options.onEvent?.(row)
    },
  })
  const results = rows.filter((row) => row.type === 'result')
  if (results.length !== 1 || rows.at(-1) !== results[0])
    throw new Error(`no single result line at the end of twinslot ${args.join(' ')}\n${done.stdout}\n${done.stderr}`)
  return { exit: done.code, events: rows.slice(0, -1), result: results[0] as Result, stderr: done.stderr }
}
