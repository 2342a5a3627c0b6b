// The privileged runner as a program: standard input and output are its only connection, no port, no arguments with
// secrets. It ends when its request is answered, or when its input ends: the one who
// started it has nothing more for it, or is gone.
import { MAX_LINE, MOST_UNITS } from '#contract/runner.ts'
import { journalFolder } from '#node/job/journal-file.ts'
import { actFor, callerOf } from '#node/os/caller.ts'
import { scrubEnvironment } from '#node/os/clean-environment.ts'
import { makeThreadRoom } from '#node/os/thread-room.ts'
import { steadyStreams } from '#node/terminal/steady-stream.ts'
import { authorityFor, ownAuthority } from './authority.ts'
import { boundedLines } from './bounded-lines.ts'
import { runSession } from './session.ts'

const { stdout } = steadyStreams()
process.exitCode = await runSession({
  lines: boundedLines(process.stdin, MAX_LINE),
  say: (message) => stdout.write(`${JSON.stringify(message)}\n`),
  authority() {
    const uid = callerOf(process.env, process.geteuid?.() ?? null)
    scrubEnvironment(process.env, { forAnother: uid !== null })
    makeThreadRoom(MOST_UNITS)
    if (uid === null) return ownAuthority(journalFolder())
    process.chdir('/')
    process.umask(0o077)
    actFor(uid)
    return authorityFor(uid)
  },
})
process.stdin.destroy()
