// The privileged runner as a program: standard input and output are its only connection, no port, no arguments with
// secrets. It ends when its job ends, or when the one who started it is gone.
import { createInterface } from 'node:readline'
import { actFor, callerOf } from '../../src-shared/node/caller.ts'
import { scrubEnvironment } from '../../src-shared/node/clean-environment.ts'
import { journalFolder } from '../../src-shared/node/journal-file.ts'
import { authorityFor, ownAuthority } from './authority.ts'
import { runSession } from './session.ts'

const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
process.exitCode = await runSession({
  lines,
  say: (message) => process.stdout.write(`${JSON.stringify(message)}\n`),
  authority() {
    const uid = callerOf(process.env, process.geteuid?.() ?? null)
    scrubEnvironment(process.env, { forAnother: uid !== null })
    if (uid === null) return ownAuthority(journalFolder())
    process.chdir('/')
    process.umask(0o077)
    actFor(uid)
    return authorityFor(uid)
  },
})
lines.close()
process.stdin.destroy()
