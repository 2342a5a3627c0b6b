// key create: an Ed25519 signing key for stations without gpg.
import { rm, writeFile } from 'node:fs/promises'
import { EngineError } from '../../src-shared/base/errors.ts'
import { errnoOf, reasonOf } from '../../src-shared/node/os-errors.ts'
import { createSigningKey } from '../../src-shared/node/signing-key.ts'
import { systemClock } from '../../src-shared/node/station.ts'
import { parseCount, parseWords, text } from '../args.ts'
import type { Command } from '../commands.ts'
import { readPassphrase } from '../release.ts'

const COMMAND = 'key create'

export const run: Command = async ({ argv, output }) => {
  const words = parseWords(COMMAND, argv.slice(2), {
    words: [],
    texts: ['name', 'secret', 'public', 'passphrase-file', 'days'],
    required: ['name', 'secret', 'public'],
  })
  const [, name, email] = /^(.*?)\s*(?:<([^<>]+)>)?$/.exec(text(words, 'name') ?? '') ?? []
  const key = await createSigningKey({
    name: name || 'Twinslot release key',
    email,
    now: systemClock.now(),
    passphrase: (await readPassphrase(words)) ?? undefined,
    validDays: parseCount(COMMAND, 'days', text(words, 'days')) ?? undefined,
  })
  const secret = text(words, 'secret') ?? ''
  await save(secret, key.secret, 0o600)
  try {
    await save(text(words, 'public') ?? '', key.public, 0o644)
  } catch (error) {
    await rm(secret, { force: true })
    throw error
  }
  output.result({ fingerprint: key.fingerprint }, [`Key ${key.fingerprint} made.`])
  return 0
}

async function save(file: string, content: string, mode: number): Promise<void> {
  try {
    await writeFile(file, content, { mode, flag: 'wx' })
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw new EngineError('cli.file-exists', { file }, { cause: error })
    throw new EngineError('cli.file-unreadable', { file, reason: reasonOf(error) }, { cause: error })
  }
}
