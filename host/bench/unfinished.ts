// A job that did not come to its end, as it is offered to be finished: not when what it needs is gone.
import { access } from 'node:fs/promises'
import type { BegunJob, DiskFacts } from '#contract/disk-facts.ts'
import type { UnfinishedView } from '#contract/views.ts'

export async function unfinishedView(facts: DiskFacts | null): Promise<UnfinishedView | null> {
  if (facts?.unfinished == null) return null
  const { job, at } = facts.unfinished
  return { kind: job.kind, at, obstacle: await obstacleTo(job, facts) }
}

async function obstacleTo(job: BegunJob['job'], facts: DiskFacts): Promise<UnfinishedView['obstacle']> {
  // It reads the slot before it selects it, and would fail there.
  if (
    job.kind === 'slot' &&
    job.action !== 'bad' &&
    job.action !== 'reset' &&
    facts.slots[job.slot]?.state === 'differs'
  )
    return 'slot-differs'
  const releases = 'release' in job ? [job.release, 'boot' in job ? job.boot : null] : []
  for (const path of releases) if (path !== null && !(await isThere(path))) return 'image-gone'
  const config = 'config' in job ? job.config : null
  return config === null || (await isThere(config)) ? null : 'config-gone'
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
