// Run: one batch, readable from three metres, and one of its units in detail. What needs a person comes first.
import { useState } from 'react'
import type { BatchView } from '#contract/views.ts'
import {
  Button,
  Card,
  Code,
  EmptyState,
  Icon,
  Notice,
  Progress,
  Screen,
  Select,
  shortName,
  useMinute,
} from '#renderer/components/index.ts'
import type { ScreenComponentProps } from '#renderer/shell/screens.tsx'
import { useStation } from '#renderer/store/station.ts'
import { navigate } from '#renderer/store/ui.ts'
import { timeText } from '#renderer/text/numbers.ts'
import type { Translate } from '#renderer/text/translate.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { FinishUnit } from '../bench/finish-unit.tsx'
import { BatchActions } from './batch-actions.tsx'
import { BatchGrid } from './batch-grid.tsx'
import { JobDetail } from './job-detail.tsx'
import './run.css'
import { batchToShow, bytesOfBatch, countsOf, jobToShow, remainingOfBatch } from './run-rules.ts'

export default function RunScreen({ about }: ScreenComponentProps) {
  const t = useText()
  const batch = useStation(({ batches }) => batchToShow(batches, about))
  if (batch === null)
    return (
      <Screen title={t('run.title')}>
        <EmptyState
          icon="run"
          title={t('run.none')}
          actions={
            <Button variant="primary" onPress={() => navigate('bench')}>
              {t('run.toBench')}
            </Button>
          }
        >
          <p>{t('run.noneText')}</p>
        </EmptyState>
        <Unfinished />
      </Screen>
    )
  return <OneBatch key={batch.batch} batch={batch} />
}

function OneBatch({ batch }: { readonly batch: BatchView }) {
  const t = useText()
  const [chosen, setChosen] = useState<string | null>(null)
  const job = jobToShow(batch.jobs, chosen)
  const { done, total } = bytesOfBatch(batch)
  return (
    <Screen
      title={<bdi>{t('run.batchOption', { title: batch.title, state: t(`job.${batch.jobs[0].kind}`) })}</bdi>}
      description={t('run.counts', { ...countsOf(batch) })}
      actions={<BatchActions batch={batch} />}
    >
      <ChooseBatch shown={batch} />
      <Unfinished />
      {batch.state === 'asks' ? (
        <Asks batch={batch} />
      ) : (
        <p className="batch-state">
          <Icon name={batch.state === 'paused' ? 'pause' : 'info'} />
          {t(`run.state.${batch.state}`)}
        </p>
      )}
      {batch.jobs.length > 1 && (
        <Progress withLabel label={t('run.overall')} done={done} total={total} remaining={remainingOfBatch(batch)} />
      )}
      <BatchGrid jobs={batch.jobs} shown={job?.job ?? null} onChoose={setChosen} />
      {job && <JobDetail job={job} />}
    </Screen>
  )
}

/** What an earlier job left half-done, also of a console that was ended meanwhile. */
function Unfinished() {
  const { t, locale } = useTexts()
  const all = useStation(({ bench }) => bench.units)
  const now = new Date(useMinute())
  const units = all.flatMap((unit) => (unit.known.unfinished === null ? [] : [{ unit, ...unit.known.unfinished }]))
  if (units.length === 0) return null
  return (
    <Card title={t('finish.title')}>
      <p>{t('finish.text')}</p>
      <ul className="unit-list">
        {units.map(({ unit, kind, at }) => (
          <li key={unit.key} className="unit-row unit-facts">
            <p>
              <bdi>
                {t('finish.line', {
                  unit: shortName(unit),
                  job: t(`job.${kind}`),
                  time: timeText(new Date(at), now, locale),
                })}
              </bdi>
            </p>
            <FinishUnit unit={unit} />
          </li>
        ))}
      </ul>
    </Card>
  )
}

/** Two units failed for one cause: what it was, and that nothing goes on without a decision. */
function Asks({ batch: { cause, jobs } }: { readonly batch: BatchView }) {
  const t = useText()
  const named = cause ?? 'other'
  const problem = jobs.find(({ diagnosis }) => diagnosis?.cause === cause)?.diagnosis?.problem
  return (
    <Notice tone="warning" title={t('run.asksTitle')}>
      <p>{t('run.asksText')}</p>
      <p>
        <b>{t(`cause.${named}.stopped`)}</b> {t(`cause.${named}.known`)}
      </p>
      <p>{t(`cause.${named}.next`)}</p>
      {problem && <Code>{problem.code}</Code>}
    </Notice>
  )
}

const nameOf = ({ title, state }: BatchView, t: Translate): string =>
  t('run.batchOption', { title, state: t(`run.short.${state}`) })

function ChooseBatch({ shown }: { readonly shown: BatchView }) {
  const t = useText()
  const batches = useStation((station) => station.batches)
  if (batches.length < 2) return null
  return (
    <Select
      label={t('run.batches')}
      value={shown.batch}
      onChange={(token) => navigate('run', token)}
      options={batches.toReversed().map((batch) => ({ id: batch.batch, label: nameOf(batch, t) }))}
    />
  )
}
