// What a command of `twinslot` is given, and what it answers. command-table.ts names them all.
import type { Output } from './output.ts'

export interface CommandContext {
  readonly argv: readonly string[]
  readonly output: Output
  readonly signal: AbortSignal
}

/** Runs a command; returns the exit code. */
export type Command = (context: CommandContext) => Promise<number>
