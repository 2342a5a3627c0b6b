// What the command line itself takes: its start, looking at a disk, and believing a large image with a detached signature.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GIB, MIB } from '#base/bytes.ts'
import { prepareInput, readTable } from './inputs.ts'
import { median, runProgram, type Sample, type Variant } from './measure.ts'
import { against, interleaved, type Row, type Settings } from './rows.ts'

const twinslot = fileURLToPath(new URL('../bin/twinslot', import.meta.url))

const program = (name: string, command: string, args: readonly string[], extra?: Record<string, string>): Variant => ({
  name,
  verifies: true,
  run: async (): Promise<Sample> => ({ ...(await runProgram(command, args, extra)), readBytes: 0, writtenBytes: 0 }),
})

/** Seconds of the only program of a row, against a fixed number of milliseconds. */
const within = (samples: Row['samples'], milliseconds: number) => ({
  text: `seconds / ${milliseconds} ms`,
  ratio: (median(samples[0].all.map((one) => one.seconds)) * 1000) / milliseconds,
  limit: 1,
})

export async function start(settings: Settings): Promise<Row[]> {
  const disk = join(settings.folder, 'inspected.img')
  writeFileSync(disk, '')
  truncateSync(disk, 16 * GIB)
  const parts = ['--new=1:2048:+512M', '--typecode=1:ef00', '--new=2:0:+2G', '--new=3:0:+2G', '--new=4:0:0']
  execFileSync('sgdisk', [...parts, disk], { stdio: 'ignore' })
  const helping = await interleaved(
    [program('twinslot --help', twinslot, ['--help'])],
    settings.rounds * 4,
    async () => {},
  )
  const looking = await interleaved(
    [program('twinslot inspect', twinslot, ['inspect', disk])],
    settings.rounds * 4,
    async () => {},
  )
  rmSync(disk)
  return [
    { title: 'start of the command line', samples: helping, targets: [within(helping, 150)], remarks: [] },
    { title: 'inspect of a 16 GiB disk image', samples: looking, targets: [within(looking, 300)], remarks: [] },
  ]
}

/** A key of its own, a checksum file and a detached signature beside the image, all by gpg. */
function signByGpg(image: string, sha256: string, home: string): string {
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const gpg = (...args: string[]) =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--yes', '--passphrase', '', ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  gpg('--quick-generate-key', 'bench <bench@example.org>', 'ed25519', 'sign', '0')
  gpg('--digest-algo', 'SHA256', '--armor', '--output', `${image}.asc`, '--detach-sign', image)
  const keys = join(home, 'keys.asc')
  writeFileSync(keys, gpg('--armor', '--export'))
  writeFileSync(`${image}.sha256`, `${sha256}  ${basename(image)}\n`)
  return keys
}

export async function authenticate(settings: Settings): Promise<Row> {
  const input = prepareInput(settings.folder, 'dense', (2 * GIB) / settings.shrink)
  const home = join(settings.folder, 'gpg')
  const keys = signByGpg(input.image, readTable(input).sha256, home)
  const variants = [
    program('gpg --verify', 'gpg', ['--homedir', home, '--batch', '--verify', `${input.image}.asc`, input.image]),
    program('twinslot release verify', twinslot, ['release', 'verify', input.image, '--trust', keys]),
  ]
  try {
    const samples = await interleaved(variants, settings.rounds, async () => {})
    return {
      title: `authenticating ${input.size / MIB} MiB with a detached signature`,
      samples,
      targets: against(samples, 'twinslot', 'gpg', 0.35),
      remarks: ['twinslot also checks the .sha256 file and makes the table of blocks in the same pass.'],
    }
  } finally {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'])
    for (const end of ['', '.asc', '.sha256', '.table.json'])
      rmSync(join(dirname(input.image), `${basename(input.image)}${end}`), { force: true })
  }
}
