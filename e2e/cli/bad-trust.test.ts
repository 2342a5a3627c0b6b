// Signatures and keys that are not good enough, made by real GnuPG, through the command: each with its code, exit code 4,
// nothing written. (The details are in src-shared/trust/*.test.ts.)
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { type Gpg, openGpg } from '#testing/gpg.ts'
import { openRoom, type Room } from './bench-room.ts'
import { file, flipBit, refused } from './refusals.ts'

let room: Room
let disk: string
let image: string
let gpg: Gpg | null
let key: string

before(async () => {
  room = await openRoom()
  disk = file(room, 'disk.img', Buffer.alloc(1 << 20))
  image = room.path('hypernet-0.1.0.img')
  copyFileSync(room.path('one.squashfs'), image)
  gpg = await openGpg()
  if (gpg) key = await gpg.makeKey('maker', 'ed25519', 'sign', '2025-01-01')
})
after(async () => {
  await gpg?.[Symbol.asyncDispose]()
  await room[Symbol.asyncDispose]()
})

function writeSums(): void {
  writeFileSync(
    `${image}.sha256`,
    execFileSync('sha256sum', ['hypernet-0.1.0.img'], { cwd: room.path('.'), timeout: 60_000 }),
  )
}
const trustOf = async (home: Gpg, ...keys: string[]) => file(room, 'gpg.asc', await home.export(...keys))
const flash = (trust: string) => ['flash', disk, '--slot', 'A', '--release', image, '--trust', trust, '--yes']
/** A good triple for `plan.not-ab-disk` (the disk is blank): authenticity is judged before the disk. */
async function goodTriple(home: Gpg): Promise<string> {
  writeSums()
  writeFileSync(`${image}.asc`, await home.sign(readFileSync(image), [key], '2025-06-01', '--digest-algo', 'SHA256'))
  return await trustOf(home, key)
}

test('a triple that gpg signed well is authentic; without its parts or with wrong ones it is refused', async (t) => {
  if (!gpg) return t.skip('needs gpg')
  const trust = await goodTriple(gpg)
  const verified = await room.run(['release', 'verify', image, '--trust', trust])
  assert.equal(verified.exit, 0, JSON.stringify(verified.result))
  await refused(room, disk, flash(trust), 'plan.not-ab-disk', 3)
  rmSync(`${image}.sha256`)
  await refused(room, disk, flash(trust), 'release.checksum-missing', 4)
  writeFileSync(`${image}.sha256`, `${'0'.repeat(64)}  hypernet-0.1.0.img\n`)
  await refused(room, disk, flash(trust), 'release.checksum-mismatch', 4)
  writeFileSync(`${image}.sha256`, `${'0'.repeat(64)}  another.img\n`)
  await refused(room, disk, flash(trust), 'format.sha256sum-missing', 4)
  writeSums()
  rmSync(`${image}.asc`)
  await refused(room, disk, flash(trust), 'trust.signature-missing', 4)
})

test('one flipped bit at start, middle or end of the image is found by checksum and signature', async (t) => {
  if (!gpg) return t.skip('needs gpg')
  const trust = await goodTriple(gpg)
  const good = readFileSync(image)
  for (const at of [0, good.length >> 1, good.length - 1]) {
    writeFileSync(image, flipBit(good, at))
    await refused(room, disk, flash(trust), 'trust.wrong-data', 4, `flipped at ${at}`)
  }
  writeSums()
  await refused(room, disk, flash(trust), 'trust.wrong-data', 4, 'with a checksum made anew')
  writeFileSync(image, good.subarray(0, good.length - 4096))
  await refused(room, disk, flash(trust), 'trust.wrong-data', 4, 'cut')
  writeFileSync(image, '')
  await refused(room, disk, flash(trust), 'release.empty', 4)
  writeFileSync(image, good)
})

test('signatures by unknown, expired, revoked and weak keys, with SHA-1, inline, or from the future are refused', async (t) => {
  if (!gpg) return t.skip('needs gpg')
  const trust = await goodTriple(gpg)
  const data = readFileSync(image)
  const signed = async (fingerprint: string, at: string, ...extra: string[]) =>
    writeFileSync(`${image}.asc`, await (gpg as Gpg).sign(data, [fingerprint], at, ...extra))
  const stranger = await gpg.makeKey('stranger', 'ed25519', 'sign', '2025-01-01')
  await signed(stranger, '2025-06-01')
  await refused(room, disk, flash(trust), 'trust.unknown-key', 4)
  const short = await gpg.makeKey('short', 'ed25519', 'sign', '2025-01-01', '10d')
  await signed(short, '2025-01-05')
  await refused(room, disk, flash(await trustOf(gpg, short)), 'trust.key-expired', 4)
  await signed(key, '2025-06-01', '--digest-algo', 'SHA1')
  await refused(room, disk, flash(await trustOf(gpg, key)), 'trust.weak-hash', 4)
  const weak = await gpg.makeKey('weak', 'rsa2048', 'sign', '2025-01-01')
  await signed(weak, '2025-06-01')
  await refused(room, disk, flash(await trustOf(gpg, weak)), 'trust.weak-key', 4)
  const inline = await gpg.run(['--local-user', key, '--clear-sign', '--output', '-'], '2025-06-01', 'hypernet')
  writeFileSync(`${image}.asc`, inline.stdout)
  await refused(room, disk, flash(await trustOf(gpg, key)), 'trust.signature-inline', 4)
  await signed(key, new Date(Date.now() + 30 * 86_400_000).toISOString())
  await refused(room, disk, flash(await trustOf(gpg, key)), 'trust.signature-future', 4)
  await signed(stranger, '2025-06-01')
  await revoke(gpg, stranger)
  await refused(room, disk, flash(await trustOf(gpg, stranger)), 'trust.key-revoked', 4)
})

/** gpg made the revocation with the key; its file has a colon against accidents. */
async function revoke(home: Gpg, fingerprint: string): Promise<void> {
  const text = readFileSync(`${home.home}/openpgp-revocs.d/${fingerprint}.rev`, 'utf8')
  await home.run(['--import'], undefined, text.replace(':-----BEGIN', '-----BEGIN'))
}
