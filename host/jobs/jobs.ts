// Everything from "what would happen" to "it runs": plans by runners, the confirmation, batches.
import { EngineError } from '#base/errors.ts'
import type { RunnerJob } from '#contract/runner.ts'
import type { PlanAnswer, PlanView, Problem, Token } from '#contract/views.ts'
import type { Bench, Calls, ConfigDrafts, Host, Images, Reports, UnitEntry } from '../ports.ts'
import { problemOf } from '../problem.ts'
import { type Batches, openBatches } from './batches.ts'
import { openConfirm } from './confirm.ts'
import { openSessions, type PlanAbout } from './sessions.ts'

type JobCalls = Calls<
  | 'plan.provision'
  | 'plan.flash'
  | 'plan.slot'
  | 'plan.finish'
  | 'confirm.begin'
  | 'confirm.start'
  | 'job.stop'
  | 'batch.pause'
  | 'batch.continue'
  | 'batch.stop'
>

/**
 * Plans one job per unit; host/recovery/ plans its repairs and restores through it, too. A unit that an earlier job still has is
 * refused here (`disk.busy`): its plan could only be refused later, when somebody has confirmed it.
 */
export type PlanAll = (
  units: readonly Token[],
  jobFor: (unit: UnitEntry, stamp: { readonly at: string; readonly by: string }) => RunnerJob,
) => Promise<PlanAnswer>

export interface JobNeeds {
  readonly bench: Bench
  readonly images: Images
  readonly reports: Reports
  readonly drafts: ConfigDrafts
}

const OK = {}

export function openJobs(host: Host, needs: JobNeeds): { calls: JobCalls; batches: Batches; planAll: PlanAll } {
  const { bench, images, drafts } = needs
  const sessions = openSessions(host)
  const confirm = openConfirm(host, sessions)
  const batches = openBatches(host, bench, needs.reports)
  const stamp = () => ({ at: host.clock.now().toISOString(), by: host.settings().operator || 'unknown' })
  const written = { trust: host.paths.trust, journal: host.paths.journal }

  const aboutOf = (job: RunnerJob): PlanAbout => {
    const image = 'release' in job && job.release !== null ? images.at(job.release) : null
    return {
      image: image && { name: image.name, product: image.product, version: image.version, hardware: image.hardware },
      config: 'config' in job && job.config !== null ? drafts.at(job.config) : null,
    }
  }

  const whyNoReport = (): Promise<Problem | null> => needs.reports.rehearse().then(() => null, problemOf)

  const planAll: PlanAll = async (units, jobFor) => {
    // One time for all, so that the units of a batch get plans that differ by the unit only.
    const now = stamp()
    const unfit = await whyNoReport()
    const answers = await Promise.all(
      [...new Set(units)].map(async (unit) => {
        const entry = bench.unit(unit)
        const kept = batches.keeps(unit)
        if (kept !== null)
          return { unit, answer: [problemOf(new EngineError('disk.busy', { disk: entry.view.path, reason: kept }))] }
        if (unfit !== null) return { unit, answer: [unfit] }
        const job = jobFor(entry, now)
        return { unit, answer: await sessions.plan(entry, job, aboutOf(job)) }
      }),
    )
    const refused = (answer: PlanView | readonly Problem[]): answer is readonly Problem[] => Array.isArray(answer)
    return {
      plans: answers.flatMap(({ answer }) => (refused(answer) ? [] : [answer])),
      refused: answers.flatMap(({ unit, answer }) => (refused(answer) ? [{ unit, refusals: answer }] : [])),
    }
  }

  return {
    batches,
    planAll,
    calls: {
      'plan.provision': async ({ units, image, boot, layout, slots, config, allowOlder }) => {
        const release = images.image(image).path
        const bootFrom = boot === null ? null : images.image(boot).path
        if (config !== null && units.length > 1) throw new EngineError('host.config-one-unit', { found: units.length })
        const folder = config === null ? null : await drafts.folder(config)
        return await planAll(units, ({ disk }, now) => ({
          kind: 'provision',
          target: disk.path,
          ...now,
          ...written,
          release,
          boot: bootFrom,
          layout,
          slots: slots === 'both' ? ['A', 'B'] : [slots],
          config: folder,
          ...(folder === null ? {} : { configModes: drafts.modes(folder) }),
          luksKey: null,
          seed: null,
          allowOlder,
        }))
      },
      'plan.flash': async ({ units, image, slot, changedOnly, allowOlder }) => {
        const release = images.image(image).path
        return await planAll(units, ({ disk }, now) => ({
          kind: 'flash',
          target: disk.path,
          ...now,
          ...written,
          release,
          slot,
          changedOnly,
          allowOlder,
        }))
      },
      'plan.slot': async ({ unit, slot, action, force }) =>
        await planAll([unit], ({ disk }, now) => ({ kind: 'slot', target: disk.path, ...now, slot, action, force })),
      'plan.finish': async ({ unit }) => {
        const job = bench.unfinished(unit)
        if (job === null) throw new EngineError('host.unknown-token', { what: 'unfinished job of this unit' })
        const answer = await planAll([unit], ({ disk }, now) => ({ ...job, target: disk.path, ...now }))
        if (answer.refused.some(({ refusals }) => refusals.every(({ code }) => code === 'plan.nothing-to-repair')))
          await bench.whole(unit)
        return answer
      },
      'confirm.begin': async ({ plans }) => confirm.begin(plans),
      'confirm.start': async ({ challenge, typed }) => {
        // Once more, as some time has passed; before the confirmation is used up.
        await needs.reports.rehearse()
        const plans = confirm.check(challenge, typed)
        return { batch: batches.start(plans.map((plan) => sessions.take(plan))) }
      },
      'job.stop': async ({ job }) => {
        batches.stopJob(job)
        return OK
      },
      'batch.pause': async ({ batch }) => {
        batches.pause(batch)
        return OK
      },
      'batch.continue': async ({ batch }) => {
        batches.continue(batch)
        return OK
      },
      'batch.stop': async ({ batch }) => {
        batches.stop(batch)
        return OK
      },
    },
  }
}
