import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { FilesystemRequest } from '#engine/steps/context.ts'
import { sha256Hex } from '../codec/hashing.ts'
import { filesystemMaker, NO_INPUTS } from './filesystem-maker.ts'

const folder = mkdtempSync(join(tmpdir(), 'twinslot-maker-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const request = (change: Partial<FilesystemRequest>): FilesystemRequest => ({
  kind: 'ext4',
  encryption: null,
  size: 64 * 1024 * 1024,
  sectorSize: 512,
  uuid: '00000000-0000-4000-8000-000000000000',
  label: 'DATA',
  at: '2026-01-02T03:04:05Z',
  directories: [],
  files: [],
  ...change,
})
const never = new AbortController().signal
const planned = { path: 'config/a', from: 'a', sha256: sha256Hex(Buffer.from('as planned')), mode: 0o644 }

test('a file for /config that changed since it was planned stops the job, with both digests', async () => {
  writeFileSync(join(folder, 'a'), 'something else')
  const make = filesystemMaker({ configFolder: folder, luksKeyFile: null }, never)
  await assert.rejects(make(request({ files: [planned] })), {
    code: 'config.changed',
    details: { file: 'a', expected: planned.sha256, found: sha256Hex(Buffer.from('something else')) },
  })
})

test('a file for /config that is gone stops the job', async () => {
  const make = filesystemMaker({ configFolder: join(folder, 'gone'), luksKeyFile: null }, never)
  await assert.rejects(make(request({ files: [planned] })), { code: 'config.unreadable' })
})

test('an encrypted file system without a key is not made', async () => {
  await assert.rejects(filesystemMaker(NO_INPUTS, never)(request({ encryption: 'luks2' })), {
    code: 'plan.no-luks-key',
  })
})
