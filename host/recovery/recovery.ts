// Plans of the slots and recovery screens: one repair of one unit, or a draft that replaces its /config. Confirmation and
// running are those of every job.
import { finding } from '#base/errors.ts'
import type { PlanAll } from '../jobs/jobs.ts'
import type { Calls, ConfigDrafts, Host, Images } from '../ports.ts'
import { problemOf } from '../problem.ts'

export interface RecoveryNeeds {
  readonly planAll: PlanAll
  readonly drafts: ConfigDrafts
  readonly images: Images
}

export function openRecovery(
  host: Host,
  { planAll, drafts, images }: RecoveryNeeds,
): { readonly calls: Calls<'plan.repair' | 'plan.restore'> } {
  return {
    calls: {
      'plan.repair': async ({ unit, repair, image, keep }) => {
        const release = image === null ? null : images.image(image)
        // Told before a runner is started for nothing.
        if (repair === 'boot-loader' && release && !release.hasBootFiles)
          return {
            plans: [],
            refused: [{ unit, refusals: [problemOf(finding('plan.no-boot-files', { release: release.name }))] }],
          }
        return await planAll([unit], ({ disk }, now) => ({
          kind: 'repair',
          target: disk.path,
          ...now,
          repair,
          ...(repair === 'partition-table' && keep !== undefined ? { keep } : {}),
          release: release?.path ?? null,
          trust: release === null ? null : host.paths.trust,
          journal: host.paths.journal,
        }))
      },
      'plan.restore': async ({ unit, draft }) => {
        const config = await drafts.folder(draft)
        return await planAll([unit], ({ disk }, now) => ({
          kind: 'restore',
          target: disk.path,
          ...now,
          config,
          configModes: drafts.modes(config),
          journal: host.paths.journal,
        }))
      },
    },
  }
}
