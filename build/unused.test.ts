// The check for unused files and exports must turn red for what only a test uses, and stay green for what the product uses.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'

const ROOT = resolve(import.meta.dirname, '..')
const KNIP = join(ROOT, 'node_modules', 'knip', 'bin', 'knip.js')

const TREE: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'tree', type: 'module', imports: { '#model/*': './src-shared/model/*' } }),
  'cli/main.ts':
    "import { used } from '#model/it.ts'\nconst later = () => import('./late.ts')\nconsole.log(used, later)\n",
  'cli/late.ts': 'export default 1\n',
  'src-shared/model/it.ts': 'export const used = 1\nexport const onlyTested = 2\nexport interface OnlyTestedType {}\n',
  'src-shared/model/it.test.ts': "import { onlyTested, type OnlyTestedType } from './it.ts'\nimport '#model/lost.ts'\n",
  'src-shared/model/lost.ts': 'export const lost = 1\n',
  'src-shared/testing/help.ts': 'export const help = 1\n',
}

test('what only a test uses fails the check: a file, a value, a type; what the product uses and what lies with the tests passes', () => {
  const root = mkdtempSync(join(tmpdir(), 'tree-'))
  try {
    for (const [file, text] of Object.entries(TREE)) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), text)
    }
    copyFileSync(join(ROOT, 'knip.jsonc'), join(root, 'knip.jsonc'))
    const args = [KNIP, '--production', '--no-progress', '--no-config-hints', '--reporter', 'json']
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
      timeout: 60_000,
    })
    assert.equal(status, 1, stderr)
    const names = [...stdout.matchAll(/"name":"([^"]+)"/g)].map((match) => match[1])
    assert.deepEqual(names.sort(), ['OnlyTestedType', 'onlyTested', 'src-shared/model/lost.ts'])
  } finally {
    rmSync(root, { recursive: true })
  }
})
