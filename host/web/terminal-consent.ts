// The question outside of the page where the browser host was started in a terminal: what would change, and a number to type that
// no page can know and nobody can have typed ahead. Without an answer in time it is a no.
import { randomInt } from 'node:crypto'
import type { Consent, GuardChange } from '../consent.ts'

const PATIENCE_MS = 120_000

/** What is used of process.stdin. */
export interface TerminalInput {
  on(event: 'data', listener: (data: Buffer | string) => void): unknown
  off(event: 'data', listener: (data: Buffer | string) => void): unknown
  resume(): unknown
  pause(): unknown
}

export interface TerminalNeeds {
  readonly input: TerminalInput
  say(line: string): void
  readonly patienceMs?: number
}

/** `what` in English, as everything in the terminal; foreign text has passed the door already. */
export function linesOfChange(change: GuardChange): readonly string[] {
  switch (change.kind) {
    case 'trust-import':
      return [
        'Trust releases that are signed by:',
        ...change.keys.map(({ fingerprint, name }) => `  ${fingerprint.replace(/(.{4})(?=.)/g, '$1 ')} ${name}`),
      ]
    case 'trust-remove':
      return [`Take the key ${change.fingerprint} out of the trust list`]
    case 'never-touch':
      return [`No longer protect: ${change.removed.join(', ')}`]
    case 'assistive':
      return ['Let a job start without the two seconds of waiting']
  }
}

export function terminalConsent({ input, say, patienceMs = PATIENCE_MS }: TerminalNeeds): Consent {
  return {
    // The typed text of the page stands before a write; what that cannot protect from is in docs/console-security.md.
    write: null,
    async change(changes) {
      const code = String(randomInt(1000, 10_000))
      say('The page asks to change what guards the disks:')
      for (const line of changes.flatMap(linesOfChange)) say(`  ${line}`)
      say(`If that was you, type ${code} and press Enter. Anything else, or nothing for two minutes, is a no.`)
      const answer = await nextLine(input, patienceMs)
      if (answer === code) {
        say('Allowed.')
        return null
      }
      say('Not allowed; nothing was changed.')
      return answer === null ? 'nobody answered in the terminal' : 'the terminal answered no'
    },
  }
}

async function nextLine(input: TerminalInput, patienceMs: number): Promise<string | null> {
  let text = ''
  const { promise, resolve } = Promise.withResolvers<string | null>()
  const take = (data: Buffer | string): void => {
    text = (text + String(data)).slice(0, 1000)
    if (/[\r\n]/.test(text)) resolve(text.split(/[\r\n]/, 1)[0].trim())
  }
  const timer = setTimeout(() => resolve(null), patienceMs)
  input.on('data', take)
  input.resume()
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    input.off('data', take)
    input.pause()
  }
}
