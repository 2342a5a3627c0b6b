// The batch from three metres: one big tile per unit with its state, its percent, its name. A tile is drawn anew only when its
// own job changed.
import { memo } from 'react'
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components'
import type { UnitJobView } from '#contract/views.ts'
import { StateWord } from '#renderer/components/index.ts'
import { percentOf, remainingText } from '#renderer/text/numbers.ts'
import { useText } from '#renderer/text/use-text.tsx'

export interface BatchGridProps {
  readonly jobs: readonly UnitJobView[]
  /** The unit whose details are shown. */
  readonly shown: string | null
  onChoose(job: string): void
}

export function BatchGrid({ jobs, shown, onChoose }: BatchGridProps) {
  const t = useText()
  return (
    <ToggleButtonGroup
      className="batch-grid"
      aria-label={t('run.grid')}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={shown === null ? [] : [shown]}
      onSelectionChange={([key]) => key !== undefined && onChoose(String(key))}
    >
      {jobs.map((job) => (
        <ToggleButton key={job.job} id={job.job} className={`tile tile-${job.state}`}>
          <Tile job={job} />
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  )
}

const Tile = memo(function Tile({ job }: { readonly job: UnitJobView }) {
  const t = useText()
  const active = job.endedAt === null && job.startedAt !== null
  const percent = percentOf(job.doneBytes, job.totalBytes)
  return (
    <>
      <bdi className="tile-name">{job.title}</bdi>
      <StateWord state={job.state} size="large" />
      {active ? (
        <>
          <span className="tile-percent">{t('progress.percent', { percent })}</span>
          <progress className="progress-track" max={100} value={percent} aria-hidden="true" />
          <small>{remainingText(job.remaining, t)}</small>
        </>
      ) : (
        <small className="quiet">{t(job.endedAt === null ? 'run.waiting' : `job.${job.kind}`)}</small>
      )}
    </>
  )
})
