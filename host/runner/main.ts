// The privileged runner as a program: standard input and output are its only connection, no port, no arguments with
// secrets. It ends when its job ends, or when the one who started it is gone.
import { MAX_LINE } from '../../src-shared/contract/runner.ts'
import { actFor, callerOf } from '../../src-shared/node/caller.ts'
import { scrubEnvironment } from '../../src-shared/node/clean-environment.ts'
import { journalFolder } from '../../src-shared/node/journal-file.ts'
import { authorityFor, ownAuthority } from './authority.ts'
import { boundedLines } from './bounded-lines.ts'
import { runSession } from './session.ts'

process.exitCode = await runSession({
  lines: boundedLines(process.stdin, MAX_LINE),
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
process.stdin.destroy()
