// Why something stopped, in four lines: what stopped, what we know, what is safe now, what to do next; then code and details.
// With a diagnosis the lines are in the technician's language; the engine's own sentence is kept as a detail, in English.
import { useState } from 'react'
import type { Diagnosis, Problem } from '../../src-shared/contract/views.ts'
import { useText } from '../text/use-text.tsx'
import { LINE_LOST } from '../transport/link.ts'
import { Button } from './button.tsx'
import { Disclosure } from './collections.tsx'
import { Icon } from './icons.tsx'
import { Code } from './values.tsx'

export interface ProblemBoxProps {
  readonly problem: Problem
  /** Of a job that stopped; gives the four lines. */
  readonly diagnosis?: Diagnosis | null
  /** One line above; "The console refused this" when not given. */
  readonly title?: string
}

export const copyTextOf = ({ code, message, remedy, details }: Problem): string =>
  [code, message, remedy, JSON.stringify(details)].join('\n')

export function ProblemBox({ problem, diagnosis, title }: ProblemBoxProps) {
  const t = useText()
  const lost = problem.code === LINE_LOST.code
  return (
    // A failed job was announced when it failed; a refusal is an answer to what was just done.
    <section className="problem" role={diagnosis ? undefined : 'alert'}>
      <h3 className="problem-title">
        <Icon name="failed" />
        {title ?? (diagnosis ? t('problem.stopped') : t('problem.refused'))}
      </h3>
      {diagnosis ? (
        <FourLines diagnosis={diagnosis} />
      ) : (
        <EngineText problem={problem} text={lost ? t('problem.lineLost') : null} />
      )}
      <footer className="problem-foot">
        <span>
          {t('problem.code', { code: '' })}
          <Code>{problem.code}</Code>
        </span>
        <CopyButton text={copyTextOf(problem)} />
      </footer>
      {diagnosis && (
        <Disclosure title={t('problem.details')}>
          <EngineText problem={problem} text={null} />
        </Disclosure>
      )}
    </section>
  )
}

function FourLines({ diagnosis: { cause, confidence, safe } }: { readonly diagnosis: Diagnosis }) {
  const t = useText()
  const known = t(`cause.${cause}.known`)
  return (
    <dl className="four-lines">
      <dt>{t('problem.stopped')}</dt>
      <dd>{t(`cause.${cause}.stopped`)}</dd>
      <dt>{t('problem.known')}</dt>
      <dd>{confidence === 'probable' ? t('problem.probable', { text: known }) : known}</dd>
      <dt>{t('problem.safe')}</dt>
      <dd>{t(`safe.${safe}`)}</dd>
      <dt>{t('problem.next')}</dt>
      <dd>{t(`cause.${cause}.next`)}</dd>
    </dl>
  )
}

/** The engine's sentence and its remedy; their language is English whatever the page's is. */
function EngineText({ problem, text }: { readonly problem: Problem; readonly text: string | null }) {
  if (text !== null) return <p>{text}</p>
  return (
    <div lang="en" dir="ltr" className="engine-text">
      <p>{problem.message}</p>
      <p>{problem.remedy}</p>
    </div>
  )
}

export function CopyButton({ text, label }: { readonly text: string; readonly label?: string }) {
  const t = useText()
  const [copied, setCopied] = useState(false)
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  }
  return (
    <Button variant="quiet" icon={copied ? 'good' : 'copy'} onPress={copy}>
      {copied ? t('action.copied') : (label ?? t('action.copy'))}
    </Button>
  )
}

/** Several problems of one thing, as a list: refusals, warnings. */
export function ProblemList({
  problems,
  tone,
}: {
  readonly problems: readonly Problem[]
  readonly tone: 'warning' | 'danger'
}) {
  if (problems.length === 0) return null
  return (
    <ul className={`problem-list notice-${tone}`}>
      {problems.map((problem) => (
        <li key={`${problem.code} ${problem.message}`}>
          <Icon name={tone === 'danger' ? 'failed' : 'needs-you'} />
          <span lang="en">
            {problem.message} <span className="quiet">{problem.remedy}</span>
          </span>
          <Code>{problem.code}</Code>
        </li>
      ))}
    </ul>
  )
}
