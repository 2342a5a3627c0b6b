// key create: an Ed25519 signing key for stations without gpg.
import { rm } from 'node:fs/promises'
import { systemClock } from '#node/job/station.ts'
import { writeNewFile } from '#node/os/output-file.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { parseCount, parseWords, text, usage } from '../args.ts'
import type { Command } from '../commands.ts'
import { readPassphrase } from '../release.ts'

const COMMAND = 'key create'

export const run: Command = async ({ argv, output }) => {
  const words = parseWords(COMMAND, argv.slice(2), {
    words: [],
    texts: ['name', 'secret', 'public', 'passphrase-file', 'days'],
    required: ['name', 'secret', 'public'],
  })
  const now = systemClock.now()
  const key = await createSigningKey({
    name: userIdOf(text(words, 'name') ?? ''),
    now,
    passphrase: (await readPassphrase(words)) ?? undefined,
    validDays: daysOf(text(words, 'days'), now) ?? undefined,
  })
  const secret = text(words, 'secret') ?? ''
  await writeNewFile(secret, key.secret, 0o600)
  try {
    await writeNewFile(text(words, 'public') ?? '', key.public, 0o644)
  } catch (error) {
    await rm(secret, { force: true })
    throw error
  }
  output.result({ fingerprint: key.fingerprint }, [`Key ${key.fingerprint} made.`])
  return 0
}

const LONGEST = 200

/** The user id of the key, as it is written: `NAME <MAIL>`, whatever a mail address looks like where it is used. */
function userIdOf(word: string): string {
  const name = word.trim()
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)) throw usage(COMMAND, '--name holds characters that nobody can see.')
  if (name.length > LONGEST) throw usage(COMMAND, `--name has ${name.length} characters; at most ${LONGEST} are taken.`)
  return name === '' ? 'Twinslot release key' : name.startsWith('<') ? `Twinslot release key ${name}` : name
}

/** Times in a key are 32 bits of seconds: they end on 7 February 2106, and what is beyond would wrap round to the past. */
function daysOf(word: string | null, now: Date): number | null {
  const days = parseCount(COMMAND, 'days', word)
  if (days === null) return null
  const most = Math.floor((0xffffffff - Math.floor(now.getTime() / 1000)) / 86_400)
  if (days < 1 || days > most)
    throw usage(COMMAND, `--days is from 1 to ${most} (a key can end by 7 February 2106), not ${days}.`)
  return days
}
