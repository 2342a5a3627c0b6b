// Holds GRUB itself (in QEMU with UEFI firmware) against the function that tells what boots: the same boot files, the same
// decisions, start after start, and the same bytes in the environment blocks afterwards.
// On several disks: GRUB looks through the partition table for every file that it opens, and a start costs little.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { afterRescue, type StartFiles, startOf } from '#format/boot-start.ts'
import { missingOf } from '#node/os/run-tool.ts'
import { startVm, vmsCannotRun } from '#testing/vm.ts'
import { buildDecisionDisk, readScenario, type Scenario } from './decision-disk.ts'
import { loads } from './fake-slot.ts'

const TOOLS = ['grub-mkimage', 'mksquashfs', 'mkfs.vfat', 'mcopy', 'sgdisk']

interface Seen {
  readonly booted: string | null
  readonly triesLeft: number | null
  readonly startsLeft: number | null
}

/** What GRUB printed for each scenario. */
function startsIn(serial: string): Seen[][] {
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

const ON_ONE_DISK = 14

/** GRUB itself over these scenarios, so many in one start of the firmware. */
export async function compareWithGrub(t: TestContext, scenarios: readonly Scenario[]): Promise<void> {
  const missing = (await missingOf(TOOLS))[0]
  const reason = (await vmsCannotRun()) ?? (missing && `needs ${missing.tool}`)
  if (reason) return t.skip(reason)
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-decisions-'))
  try {
    for (let from = 0; from < scenarios.length; from += ON_ONE_DISK) {
      const room = join(folder, `from-${from}`)
      await mkdir(room)
      await compare(room, scenarios.slice(from, from + ON_ONE_DISK))
      await rm(room, { recursive: true })
    }
    const decisions = scenarios.reduce((sum, { starts }) => sum + starts, 0)
    t.diagnostic(`${scenarios.length} scenarios, ${decisions} decisions`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function compare(folder: string, scenarios: readonly Scenario[]): Promise<void> {
  const disk = join(folder, 'disk.img')
  await buildDecisionDisk(disk, folder, scenarios)
  await using vm = await startVm({ diskPath: disk, attach: 'virtio' })
  await vm.waitFor(/all scenarios done/, 800_000)
  await vm.exited(20_000)
  const seen = startsIn(vm.serial())
  for (const [index, { name, files: before, starts, slots }] of scenarios.entries()) {
    const expected: Seen[] = []
    let files: StartFiles = before
    for (let start = 0; start < starts; start++) {
      const { booted, triesLeft, startsLeft, after } = startOf(files, { A: loads(slots.A), B: loads(slots.B) })
      expected.push({ booted, triesLeft, startsLeft })
      files = booted === null ? (afterRescue(after) ?? after) : after
    }
    assert.deepEqual(seen[index], expected, `${name}: decisions`)
    const left = await readScenario(disk, index, folder)
    for (const file of ['ab_state', 'grubenv', 'grubenv2', 'good'] as const)
      assert.deepEqual(textOf(left[file]), textOf(files[file]), `${name}: ${file} afterwards`)
  }
}

const textOf = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString('latin1')
