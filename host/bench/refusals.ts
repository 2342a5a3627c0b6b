// Why a disk is not offered for writing, beside what its planner will say: empty = it is.
import { finding } from '#base/errors.ts'
import type { Problem } from '#contract/views.ts'
import type { DiskInfo } from '#model/disk.ts'
import { offerDisk } from '#plan/offer.ts'
import { problemOf } from '../problem.ts'
import type { Look } from './look.ts'

export interface RefusalFacts {
  readonly twin: boolean
  /** Null while it is read for the first time. */
  readonly look: Look | null
  readonly neverTouch: readonly string[]
}

export function refusalsOf(disk: DiskInfo, { twin, look, neverTouch }: RefusalFacts): Problem[] {
  const serial = disk.identity.serial?.toLowerCase()
  const never = neverTouch.some((each) => each.trim().toLowerCase() === serial)
  return [
    ...offerDisk(disk, null).reasons.map(problemOf),
    ...(never ? [problemOf(finding('runner.never-touch', { found: disk.identity.serial ?? '' }))] : []),
    ...(twin ? [problemOf(finding('host.twin', { found: disk.identity.serial ?? 'no serial' }))] : []),
    // What this user may not read a runner may, once somebody has consented.
    ...(look?.problem && disk.bus !== 'file' && look.problem.code !== 'disk.no-permission' ? [look.problem] : []),
  ]
}
