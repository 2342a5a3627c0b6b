import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { findTool, requireTool } from '#node/os/run-tool.ts'
import { commitOf, sourceCommit } from './source-commit.ts'

const root = mkdtempSync(join(tmpdir(), 'twinslot-commit-'))
after(() => rmSync(root, { recursive: true, force: true }))

const git = async (cwd: string, ...args: string[]): Promise<string> => {
  const who = ['-c', 'user.name=T', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false']
  return (await requireTool('git', [...who, ...args], { cwd, timeoutMs: 30_000 })).stdout.trim()
}

test('it is what git says: on a branch, with packed refs, without a branch, and in a linked worktree', async (t) => {
  if (!(await findTool('git'))) return t.skip('needs git')
  const folder = join(root, 'checkout')
  mkdirSync(folder)
  await git(folder, 'init', '-q', '-b', 'topic/one')
  assert.equal(await commitOf(folder), null, 'nothing was committed yet')
  await git(folder, 'commit', '-q', '--allow-empty', '-m', 'one')
  const first = await git(folder, 'rev-parse', 'HEAD')
  assert.equal(await commitOf(folder), first)
  await git(folder, 'pack-refs', '--all')
  assert.equal(await commitOf(folder), first, 'packed')
  await git(folder, 'commit', '-q', '--allow-empty', '-m', 'two')
  const second = await git(folder, 'rev-parse', 'HEAD')
  assert.equal(await commitOf(folder), second, 'a loose ref counts before the packed one')
  await git(folder, 'worktree', 'add', '-q', join(root, 'tree'), '-b', 'other', first)
  assert.equal(await commitOf(join(root, 'tree')), first)
  await git(folder, 'checkout', '-q', '--detach', first)
  assert.equal(await commitOf(folder), first)
})

test('an unpacked archive has none, and what is no commit is not taken for one', async () => {
  assert.equal(await commitOf(join(root, 'archive')), null)
  const odd = join(root, 'odd')
  mkdirSync(join(odd, '.git'), { recursive: true })
  writeFileSync(join(odd, '.git', 'HEAD'), 'ref: refs/../../../secret\n')
  writeFileSync(join(root, 'secret'), 'ab'.repeat(20))
  assert.equal(await commitOf(odd), null)
  writeFileSync(join(odd, '.git', 'HEAD'), 'not a commit\n')
  assert.equal(await commitOf(odd), null)
})

test('the console of a checkout knows its own commit', async (t) => {
  const folder = join(import.meta.dirname, '..')
  const said = await git(folder, 'rev-parse', 'HEAD').catch(() => null)
  if (said === null) return t.skip('needs git and a checkout')
  assert.equal(await sourceCommit(), said)
})
