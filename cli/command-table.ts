// Every command of `twinslot`: its words, and the module that runs it (loaded when it is needed). help.ts and docs/cli.md have
// an entry for each, which a test asks of this table.
import type { Command } from './commands.ts'

export const COMMANDS: Readonly<Record<string, () => Promise<{ run: Command }>>> = {
  disks: () => import('./commands/disks.ts'),
  inspect: () => import('./commands/inspect.ts'),
  'release create': () => import('./commands/release-create.ts'),
  'release sign': () => import('./commands/release-sign.ts'),
  'release verify': () => import('./commands/release-verify.ts'),
  'report verify': () => import('./commands/report-verify.ts'),
  'release show': () => import('./commands/release-show.ts'),
  'release boot-files': () => import('./commands/release-boot-files.ts'),
  'image build': () => import('./commands/image-build.ts'),
  'key create': () => import('./commands/key-create.ts'),
  provision: () => import('./commands/provision.ts'),
  flash: () => import('./commands/flash.ts'),
  verify: () => import('./commands/verify.ts'),
  doctor: () => import('./commands/doctor.ts'),
  'config restore': () => import('./commands/config-restore.ts'),
  'table repair': () => import('./commands/table-repair.ts'),
  'slot list': () => import('./commands/slot-list.ts'),
  'slot default': () => import('./commands/slot-change.ts'),
  'slot once': () => import('./commands/slot-change.ts'),
  'slot good': () => import('./commands/slot-change.ts'),
  'slot bad': () => import('./commands/slot-change.ts'),
  'slot reset': () => import('./commands/slot-change.ts'),
  'esp list': () => import('./commands/esp.ts'),
  'esp get': () => import('./commands/esp.ts'),
  'esp put': () => import('./commands/esp.ts'),
}
