// Real GnuPG in a home folder of its own, at any date: makes the keys and signatures by which ours are judged.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findTool, requireTool, runTool, type ToolOutcome } from '#node/os/run-tool.ts'

export interface Gpg extends AsyncDisposable {
  readonly home: string
  /** Runs gpg without questions; `at` (ISO date or time) is what gpg takes for now. */
  run(args: readonly string[], at?: string, input?: string | Uint8Array): Promise<ToolOutcome>
  /** Like run, whatever the exit code. */
  ask(args: readonly string[], at?: string, input?: string | Uint8Array): Promise<ToolOutcome>
  /** Makes a key without passphrase and answers its fingerprint; `expires` as gpg takes it (`never`, `10d`). */
  makeKey(name: string, algorithm: string, usage: string, at: string, expires?: string): Promise<string>
  /** Armored public keys. */
  export(...keys: string[]): Promise<Uint8Array>
  exportSecret(key: string): Promise<Uint8Array>
  /** Armored detached signature over `data` by gpg itself. */
  sign(data: Uint8Array, keys: readonly string[], at: string, ...extra: string[]): Promise<Uint8Array>
}

const fakedTime = (at: string): string => `${new Date(at).toISOString().replace(/[-:]/g, '').slice(0, 15)}!`

/** Null when gpg is not installed. The folder is deleted and its agent ended on dispose. */
export async function openGpg(): Promise<Gpg | null> {
  if (!(await findTool('gpg'))) return null
  const home = await mkdtemp(join(tmpdir(), 'tg-'))
  const env = { GNUPGHOME: home }
  const argsAt = (args: readonly string[], at?: string) => [
    ...['--batch', '--yes', '--quiet', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase', ''],
    ...['--trust-model', 'always', ...(at ? ['--faked-system-time', fakedTime(at)] : []), ...args],
  ]
  const options = (input?: string | Uint8Array) => ({ env, input, timeoutMs: 60_000 })
  let files = 0
  const gpg: Gpg = {
    home,
    run: (args, at, input) => requireTool('gpg', argsAt(args, at), options(input)),
    ask: (args, at, input) => runTool('gpg', argsAt(args, at), options(input)),
    async makeKey(name, algorithm, usage, at, expires = 'never') {
      const args = [
        '--status-fd',
        '1',
        '--quick-generate-key',
        `${name} <${name}@example.org>`,
        algorithm,
        usage,
        expires,
      ]
      const { stdout } = await gpg.run(args, at)
      const fingerprint = /KEY_CREATED \w ([0-9A-F]{40})/.exec(stdout)?.[1]
      if (!fingerprint) throw new Error(`gpg made no key: ${stdout}`)
      return fingerprint
    },
    async export(...keys) {
      return Buffer.from((await gpg.run(['--armor', '--export', ...keys])).stdout)
    },
    async exportSecret(key) {
      return Buffer.from((await gpg.run(['--armor', '--export-secret-keys', key])).stdout)
    },
    async sign(data, keys, at, ...extra) {
      const file = join(home, `data${files++}`)
      await writeFile(file, data)
      const users = keys.flatMap((key) => ['--local-user', key])
      await gpg.run([...users, ...extra, '--armor', '--detach-sign', '--output', `${file}.asc`, file], at)
      return await readFile(`${file}.asc`)
    },
    async [Symbol.asyncDispose]() {
      await runTool('gpgconf', ['--kill', 'all'], options())
      await rm(home, { recursive: true, force: true })
    },
  }
  return gpg
}
