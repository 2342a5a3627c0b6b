// GRUB itself (in QEMU with UEFI firmware) against the boot simulator: the same boot files, the same decisions, start after
// start, and the same bytes in the environment blocks afterwards.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { BootFiles } from '../../src-shared/format/boot-state.ts'
import { missingOf } from '../../src-shared/node/run-tool.ts'
import { simulateBoot } from '../../src-shared/testing/boot-simulator.ts'
import { startVm, vmsCannotRun } from '../../src-shared/testing/vm.ts'
import { buildDecisionDisk, readScenario } from './decision-disk.ts'
import { loads } from './fake-slot.ts'
import { SCENARIOS } from './scenarios.ts'

const TOOLS = ['grub-mkimage', 'mksquashfs', 'mkfs.vfat', 'mcopy', 'sgdisk']

interface Start {
  readonly booted: string | null
  readonly triesLeft: number | null
  readonly startsLeft: number | null
}

/** What GRUB printed for each scenario. */
function startsIn(serial: string): Start[][] {
  return serial
    .split(/^scenario \d+$/m)
    .slice(1)
    .map((part) =>
      [
        ...part.matchAll(
          /twinslot: (?:rescue$|booting slot ([AB]) \((?:counted, (\d) tries left|confirmed, (\d) starts left)?)/gm,
        ),
      ].map((match) => ({
        booted: match[1] ?? null,
        triesLeft: match[2] ? Number(match[2]) : null,
        startsLeft: match[3] ? Number(match[3]) : null,
      })),
    )
}

test('GRUB decides as the boot simulator for every scenario, and leaves the same bytes behind', async (t) => {
  const reason =
    (await vmsCannotRun()) ?? ((await missingOf(TOOLS))[0]?.tool && `needs ${(await missingOf(TOOLS))[0].tool}`)
  if (reason) return t.skip(reason)
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-decisions-'))
  try {
    const disk = join(folder, 'disk.img')
    await buildDecisionDisk(disk, folder, SCENARIOS)
    await using vm = await startVm({ diskPath: disk, attach: 'virtio', memory: 3072 })
    await vm.waitFor(/all scenarios done/, 480_000)
    await vm.exited(20_000)
    const seen = startsIn(vm.serial())
    for (const [index, scenario] of SCENARIOS.entries()) {
      const expected: Start[] = []
      let files: BootFiles = scenario.files
      for (let start = 0; start < scenario.starts; start++) {
        const boot = simulateBoot(files, { A: loads(scenario.slots.A), B: loads(scenario.slots.B) })
        expected.push({ booted: boot.booted, triesLeft: boot.triesLeft, startsLeft: boot.startsLeft })
        files = boot.after
      }
      assert.deepEqual(seen[index], expected, `${scenario.name}: decisions`)
      const left = await readScenario(disk, index, folder)
      for (const name of ['ab_state', 'grubenv', 'grubenv2', 'good'] as const)
        assert.deepEqual(textOf(left[name]), textOf(files[name]), `${scenario.name}: ${name} afterwards`)
    }
    t.diagnostic(`${SCENARIOS.length} scenarios, ${SCENARIOS.reduce((sum, { starts }) => sum + starts, 0)} decisions`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

const textOf = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString('latin1')
