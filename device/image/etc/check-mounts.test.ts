// check-mounts.sh, as the specification calls it, judges like the gate's own probe, for the mounts of each layout.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { mountProblems, mountsOfLayout } from '#device/gate/mount-check.ts'
import { BUILT_IN_LAYOUTS } from '#model/layouts.ts'
import { mountList } from '../programs-tree.ts'

const room = mkdtempSync(join(tmpdir(), 'twinslot-mounts-'))
after(() => rmSync(room, { recursive: true, force: true }))

/** Its exit code and its complaints. */
function check(list: string, table: string) {
  writeFileSync(join(room, 'list'), list)
  writeFileSync(join(room, 'table'), table)
  const env = { ...process.env, TWINSLOT_MOUNTS: join(room, 'list'), TWINSLOT_MOUNTINFO: join(room, 'table') }
  const script = join(import.meta.dirname, 'check-mounts.sh')
  const { status, stderr } = spawnSync('sh', [script], { encoding: 'utf8', env, timeout: 30_000 })
  return { status, said: stderr.split('\n').filter((line) => line !== '') }
}

test('check-mounts.sh passes where every partition is mounted as it should be, and names each that is not', () => {
  for (const layout of Object.values(BUILT_IN_LAYOUTS)) {
    const expected = mountsOfLayout(layout)
    const rows = Object.keys(expected).map(
      (path, id) => `${id + 30} 22 8:${id} / ${path} rw,nosuid,nodev,noexec,relatime - ext4 /dev/sda rw`,
    )
    const whole = ['22 1 8:2 / / ro,relatime - squashfs /dev/sda2 ro', ...rows].join('\n')
    assert.deepEqual(check(mountList(layout), `${whole}\n`), { status: 0, said: [] })
    const [last] = Object.keys(expected).slice(-1)
    const changes = [
      whole.replace(` ${last} rw,nosuid,nodev`, ` ${last} rw`),
      whole.replace(` ${last} `, ' /elsewhere '),
      whole.replace(/\/dev\/sda rw$/, '/dev/sda ro'),
      `${whole}\n90 22 0:9 / ${last} ro - tmpfs tmpfs rw`,
    ]
    for (const table of changes) {
      const { status, said } = check(mountList(layout), `${table}\n`)
      const problems = mountProblems(table, expected)
      assert.equal(status, 1)
      assert.equal(problems.length, 1)
      // One line for each lacking option here, one for all of them there.
      for (const line of said) {
        const [, path, word] = /^check-mounts: (\S+) .*?(\S+)$/.exec(line) ?? []
        assert.ok(problems[0].startsWith(`${path} `) && problems[0].includes(word), `${line} / ${problems[0]}`)
      }
      assert.ok(said.length > 0)
    }
  }
})

test('without its list check-mounts.sh does not pass', () => {
  const env = { ...process.env, TWINSLOT_MOUNTS: join(room, 'none') }
  const { status } = spawnSync('sh', [join(import.meta.dirname, 'check-mounts.sh')], { env, timeout: 30_000 })
  assert.equal(status, 1)
})
