// What several commands do with releases: read the trust list, open and authenticate, look into the system image.
import type { JobEvent } from '#engine/ports.ts'
import { systemClock } from '#node/job/station.ts'
import type { JobHooks } from '#node/job/station-job.ts'
import { readTrustFile, readWordFile } from '#node/os/word-file.ts'
import { type AuthenticatedRelease, openRelease } from '#node/release/open-release.ts'
import { MAX_KEYRING_SIZE, type TrustedKeys } from '#trust/keyring.ts'
import type { SigningKey } from '#trust/sign.ts'
import { text, usage, type Words } from './args.ts'
import type { CommandContext } from './commands.ts'

/** The key ring of `--trust`. @throws EngineError `trust.keyring-*`, `cli.file-unreadable` */
export async function readTrust(words: Words): Promise<TrustedKeys> {
  const file = text(words, 'trust')
  if (file === null) throw usage(words.command, 'Missing --trust.')
  return await readTrustFile(file)
}

/** The key of `--key` (or another option), unlocked with the first line of `--passphrase-file`. */
export async function readKey(words: Words, option = 'key'): Promise<SigningKey> {
  const file = text(words, option)
  if (file === null) throw usage(words.command, `Missing --${option}.`)
  const { readSigningKey } = await import('#trust/sign.ts')
  return await readSigningKey(await readWordFile(file, MAX_KEYRING_SIZE), await readPassphrase(words))
}

export async function readPassphrase(words: Words): Promise<string | null> {
  const file = text(words, 'passphrase-file')
  if (file === null) return null
  return new TextDecoder().decode(await readWordFile(file, 4096)).split(/\r?\n/)[0]
}

/** Opens a release and shows the long pass over an image as one step "authenticate". */
export async function openTrusted(
  path: string,
  trusted: TrustedKeys,
  context: CommandContext,
): Promise<AuthenticatedRelease> {
  const { output, signal } = context
  const progress = stepProgress(context, `Check the signature of ${path}`)
  const release = await openRelease(path, trusted, { now: systemClock.now(), signal, onProgress: progress.update })
  progress.end()
  const { signer, facts } = release
  output.event({ type: 'authenticated', release: path, ...facts, signer })
  return release
}

/** One step outside of a plan: starts with the first progress, so that quick work stays silent. */
export function stepProgress({ output }: Pick<CommandContext, 'output'>, title: string) {
  let started = false
  const emit = (event: JobEvent) => output.event(event)
  return {
    update(doneBytes: number, totalBytes: number) {
      if (!started) emit({ type: 'step-started', step: 1, total: 1, title })
      started = true
      emit({ type: 'progress', step: 1, phase: 'authenticate', doneBytes, totalBytes })
    },
    end() {
      if (started) emit({ type: 'step-done', step: 1, evidence: {} })
    },
  }
}

/** What the command line shows while a job's releases are opened and checked. */
export function jobHooks(context: CommandContext): JobHooks {
  const { output, signal } = context
  let under: { title: string; progress: ReturnType<typeof stepProgress> } | null = null
  return {
    signal,
    readTrust: readTrustFile,
    progress(title, doneBytes, totalBytes) {
      if (under?.title !== title) {
        under?.progress.end()
        under = { title, progress: stepProgress(context, title) }
      }
      under.progress.update(doneBytes, totalBytes)
      if (doneBytes < totalBytes) return
      under.progress.end()
      under = null
    },
    opened({ path, facts, signer }) {
      output.event({ type: 'authenticated', release: path, ...facts, signer })
    },
  }
}
