// The privileged runner as a program: standard input and output are its only connection, no port, no arguments with
// secrets. It ends when its job ends, or when the one who started it is gone.
import { createInterface } from 'node:readline'
import { journalFolder } from '../../src-shared/node/journal-file.ts'
import { runSession } from './session.ts'

const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
process.exitCode = await runSession({
  lines,
  say: (message) => process.stdout.write(`${JSON.stringify(message)}\n`),
  journalFolder: journalFolder(),
})
lines.close()
process.stdin.destroy()
