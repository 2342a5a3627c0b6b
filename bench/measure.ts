// Runs one thing and says what it cost: wall-clock and CPU seconds, and the bytes that really went to and from the disks
// (from the kernel's own counters, so that all programs are counted alike).
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

export interface Sample {
  readonly seconds: number
  readonly cpuSeconds: number | null
  readonly peakMiB: number | null
  readonly readBytes: number
  readonly writtenBytes: number
  /** What else is to be said: longest phase, bytes skipped. */
  readonly note?: string
}

export interface Variant {
  readonly name: string
  /** Reads the target back and compares. */
  readonly verifies: boolean
  /** For orientation: measured in the first round only. */
  readonly once?: boolean
  run(): Promise<Sample>
}

interface Counters {
  read: number
  written: number
}

function counters(devices: readonly string[]): Counters {
  const sum = { read: 0, written: 0 }
  for (const device of devices) {
    const words = readFileSync(`/sys/class/block/${basename(device)}/stat`, 'utf8')
      .trim()
      .split(/\s+/)
      .map(Number)
    sum.read += words[2] * 512
    sum.written += words[6] * 512
  }
  return sum
}

export interface Ended {
  readonly stdout: string
  readonly seconds: number
  readonly cpuSeconds: number | null
  readonly peakMiB: number | null
}

/** Runs a program under GNU time where it is installed (CPU and memory of all it starts). */
export async function runProgram(
  command: string,
  args: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const begun = performance.now()
  const env = { ...process.env, LC_ALL: 'C.UTF-8', ...extra }
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000, env })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (part) => {
    stdout += part
  })
  child.stderr.on('data', (part) => {
    stderr += part
  })
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail)
    child.once('close', done)
  })
  const seconds = (performance.now() - begun) / 1000
  const cost = /TIMES ([\d.]+) ([\d.]+) (\d+)/.exec(stderr)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${stderr.slice(-500)}`)
  return {
    stdout,
    seconds,
    cpuSeconds: cost ? Number(cost[1]) + Number(cost[2]) : null,
    peakMiB: cost ? Number(cost[3]) / 1024 : null,
  }
}

/** A shell line with `$1`, `$2`...; stops at the first failure of any part. */
export const shell = (line: string, ...args: string[]): Promise<Ended> =>
  runProgram('bash', [
    '-c',
    `exec 3>&2; TIMEFORMAT='TIMES %U %S 0'; time { set -eo pipefail; ${line}; }`,
    'bench',
    ...args,
  ])

export async function counted(
  devices: readonly string[],
  work: () => Promise<Ended & { note?: string }>,
): Promise<Sample> {
  const before = counters(devices)
  const ended = await work()
  const after = counters(devices)
  return {
    seconds: ended.seconds,
    cpuSeconds: ended.cpuSeconds,
    peakMiB: ended.peakMiB || null,
    readBytes: after.read - before.read,
    writtenBytes: after.written - before.written,
    note: ended.note,
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
