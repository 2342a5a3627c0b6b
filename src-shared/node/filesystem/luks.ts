// Makes a LUKS2 partition with a file system inside, without device mapper and without root: cryptsetup writes the header
// into a sparse file with a volume key that we chose, and the file system's ranges are encrypted here the way dm-crypt
// reads them (aes-xts-plain64, tweak = number of the 512-byte sector within the segment, little-endian).
// Ranges that must be zero in the clear are encrypted zeroes, so they are `extents` here. The volume key never leaves a
// private temporary folder; the passphrase goes in by standard input. Every run draws a new volume key: the bytes differ.
import { createCipheriv, randomBytes } from 'node:crypto'
import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { throwIfAborted } from '#base/errors.ts'
import { seededGuid } from '#base/guid.ts'
import { requireTool } from '../os/run-tool.ts'
import { classify, type MadeFilesystem, makeFilesystem, type NewFilesystem, readFully } from './filesystems.ts'

export interface LuksOptions {
  /** The passphrase or key, taken byte by byte as it is. Secret. */
  readonly key: Uint8Array
  /** Key derivation; the default (argon2id, 256 MiB) suits passphrases and small appliances. */
  readonly derivation?: readonly string[]
}

/** Bytes in front of the encrypted segment; cryptsetup's own default. */
export const LUKS_HEADER = 16 * 1024 * 1024
const CHUNK = 4 * 1024 * 1024
const ARGON2ID = [
  '--pbkdf',
  'argon2id',
  '--pbkdf-memory',
  '262144',
  '--pbkdf-parallel',
  '2',
  '--pbkdf-force-iterations',
  '6',
]

/** Encrypts whole sectors in place. `offset` is from the start of the encrypted segment, bytes. */
export function encryptSectors(data: Uint8Array, offset: number, key: Uint8Array, sectorSize: number): void {
  const tweak = Buffer.alloc(16)
  for (let at = 0; at < data.length; at += sectorSize) {
    tweak.writeBigUInt64LE(BigInt((offset + at) / 512))
    const cipher = createCipheriv('aes-256-xts', key, tweak)
    data.set(cipher.update(data.subarray(at, at + sectorSize)), at)
  }
}

async function copyEncrypted(
  inner: MadeFilesystem,
  target: FileHandle,
  key: Uint8Array,
  sectorSize: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const { offset, length } of [...inner.extents, ...inner.zeroes])
    for (let done = 0; done < length; done += CHUNK) {
      throwIfAborted(signal)
      const data = new Uint8Array(Math.min(CHUNK, length - done))
      await inner.read(offset + done, data)
      encryptSectors(data, offset + done, key, sectorSize)
      await target.write(data, 0, data.length, LUKS_HEADER + offset + done)
    }
}

/**
 * Like makeFilesystem, inside LUKS2. `size` and `uuid` are those of the partition; the file system inside has an UUID
 * derived from it. Throws what makeFilesystem throws; `tool.missing` names cryptsetup.
 */
export async function makeEncryptedFilesystem(
  request: NewFilesystem,
  { key, derivation = ARGON2ID }: LuksOptions,
): Promise<MadeFilesystem> {
  const { size, uuid, label, signal } = request
  // Larger sectors are quicker here and on the appliance, but must divide the partition.
  const sectorSize = size % 4096 === 0 ? 4096 : 512
  const folder = await mkdtemp(join(request.temporaryFolder ?? tmpdir(), 'twinslot-luks-'))
  let file: FileHandle | undefined
  const dispose = async () => {
    await file?.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const path = join(folder, 'image')
    const volumeKey = randomBytes(64)
    const volumeKeyFile = join(folder, 'volume-key')
    await writeFile(volumeKeyFile, volumeKey, { flag: 'wx', mode: 0o600 })
    file = await open(path, 'wx+', 0o600)
    await file.truncate(size)
    const cipher = ['--cipher', 'aes-xts-plain64', '--key-size', '512', '--sector-size', String(sectorSize)]
    const keys = ['--volume-key-file', volumeKeyFile, '--key-file', '-']
    const names = ['--uuid', uuid.toLowerCase(), ...(label ? ['--label', label] : [])]
    const args = ['luksFormat', '--batch-mode', '--type', 'luks2', ...cipher, ...keys, ...names, ...derivation]
    await requireTool('cryptsetup', [...args, '--offset', String(LUKS_HEADER / 512), path], {
      timeoutMs: 120_000,
      input: key,
      signal,
    })
    await rm(volumeKeyFile)

    await using inner = await makeFilesystem({
      ...request,
      size: size - LUKS_HEADER,
      sectorSize,
      uuid: seededGuid(uuid, 'inside luks2'),
      temporaryFolder: folder,
    })
    await copyEncrypted(inner, file, volumeKey, sectorSize, signal)
    volumeKey.fill(0)
    const header = await classify(file, [{ start: 0, end: LUKS_HEADER }], LUKS_HEADER, signal)
    const inside = [...inner.extents, ...inner.zeroes]
      .sort((a, b) => a.offset - b.offset)
      .map(({ offset, length }) => ({ offset: LUKS_HEADER + offset, length }))
    const reader = file
    return {
      path,
      extents: [...header.extents, ...inside],
      zeroes: header.zeroes,
      read: (offset, target) => readFully(reader, offset, target),
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}
