// One unit of the batch: steps, throughput, progress; when it stopped, why and what to do; when it is done, its report.
import { useState } from 'react'
import type { UnitJobView } from '#contract/views.ts'
import {
  Button,
  Card,
  Icon,
  Notice,
  ProblemBox,
  Progress,
  StateWord,
  ThroughputCurve,
} from '#renderer/components/index.ts'
import { EXPORTS } from '#renderer/shell/keys.ts'
import { navigate } from '#renderer/store/ui.ts'
import type { TextKey } from '#renderer/text/index.ts'
import { stepLine } from '#renderer/text/sentences.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { Elapsed } from '../bench/elapsed.tsx'
import { StopDialog } from './batch-actions.tsx'
import { meanRate, wordOfStep } from './run-rules.ts'

export function JobDetail({ job }: { readonly job: UnitJobView }) {
  const t = useText()
  const running = job.endedAt === null
  return (
    <section className="job-detail" aria-label={t('run.unit', { unit: job.title })}>
      <header className="screen-head">
        <h2 className="job-title">
          <bdi>{t('run.unit', { unit: job.title })}</bdi>
          <StateWord state={job.state} />
          <span className="quiet">{t(`job.${job.kind}`)}</span>
        </h2>
        <div className="actions">
          {job.startedAt && <Elapsed since={job.startedAt} until={job.endedAt} />}
          {job.report && (
            <Button {...EXPORTS} variant="primary" icon="reports" onPress={() => navigate('reports', job.report)}>
              {t('run.report')}
            </Button>
          )}
          {running && <StopUnit job={job} />}
        </div>
      </header>
      {job.diagnosis && (
        <ProblemBox problem={job.diagnosis.problem} diagnosis={job.diagnosis} title={t(`state.${job.state}`)} />
      )}
      {job.state === 'verified' && (
        <Notice tone="ok">{t(writesImage(job) ? 'run.verifiedText' : 'run.doneText')}</Notice>
      )}
      <div className="job-columns">
        <Card title={t('run.steps')}>
          <Steps job={job} />
        </Card>
        <Card title={t('run.throughput')}>
          {running && (
            <Progress
              withLabel
              label={t(`stage.${job.stage}`)}
              done={job.doneBytes}
              total={job.totalBytes}
              remaining={job.remaining}
            />
          )}
          <ThroughputCurve values={job.curve} mean={meanRate(job)} />
          {running && job.limit && <p className="quiet">{t(limitText(job))}</p>}
        </Card>
      </div>
    </section>
  )
}

const STEP_ICON = { waiting: 'empty', running: 'arrow', done: 'good', failed: 'bad' } as const

function Steps({ job }: { readonly job: UnitJobView }) {
  const speech = useTexts()
  const { t } = speech
  return (
    <ol className="steps">
      {job.steps.map((step, index) => (
        <li
          key={index}
          className={`step step-${step.state}`}
          aria-current={step.state === 'running' ? 'step' : undefined}
        >
          <Icon name={STEP_ICON[step.state]} />
          <span>{stepLine(step.text, speech)}</span>
          <small>{t(`step.${wordOfStep(job, step)}`)}</small>
        </li>
      ))}
    </ol>
  )
}

function StopUnit({ job }: { readonly job: UnitJobView }) {
  const t = useText()
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button icon="stopped" onPress={() => setAsking(true)}>
        {t('run.stopUnit')}
      </Button>
      <StopDialog
        title={t('run.stopUnitTitle', { unit: job.title })}
        text={t('run.stopUnitText')}
        confirm={t('run.stopUnit')}
        isOpen={asking}
        onClose={() => setAsking(false)}
        what={{ job: job.job }}
      />
    </>
  )
}

/** Only then "verified" speaks of a signed image; other jobs read back what they wrote themselves. */
const writesImage = ({ kind }: UnitJobView): boolean => kind === 'provision' || kind === 'flash'

/** The disk is slow at writing or at reading; the other two are the same in both. */
const limitText = ({ limit, stage }: UnitJobView): TextKey =>
  limit === 'disk'
    ? stage === 'read-back'
      ? 'run.limit.reading'
      : 'run.limit.writing'
    : `run.limit.${limit ?? 'image'}`
