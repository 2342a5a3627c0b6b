// Why something stopped, in four lines: what stopped, what we know, what is safe now, what to do next; then code and details.
// With a diagnosis the engine's own sentence is kept as a detail, in English; without one it is translated where it can be.
import { useState } from 'react'
import type { Diagnosis, Problem } from '#contract/views.ts'
import { problemText } from '../text/problem-text.ts'
import { apart } from '../text/sentences.ts'
import { useText, useTexts } from '../text/use-text.tsx'
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
      ) : lost ? (
        <p>{t('problem.lineLost')}</p>
      ) : (
        <Refusal problem={problem} />
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
          <EngineText problem={problem} />
        </Disclosure>
      )}
    </section>
  )
}

function FourLines({ diagnosis: { cause, confidence, safe, problem } }: { readonly diagnosis: Diagnosis }) {
  const t = useText()
  const known = t(`cause.${cause}.known`)
  return (
    <dl className="four-lines">
      <dt>{t('problem.stopped')}</dt>
      <dd>{t(`cause.${cause}.stopped`)}</dd>
      <dt>{t('problem.known')}</dt>
      <dd>
        {confidence === 'probable' ? t('problem.probable', { text: known }) : known} <HeldBy problem={problem} />
      </dd>
      <dt>{t('problem.safe')}</dt>
      <dd>{t(`safe.${safe}`)}</dd>
      <dt>{t('problem.next')}</dt>
      <dd>{t(`cause.${cause}.next`)}</dd>
    </dl>
  )
}

/** The engine's sentence and its remedy, as they stand in the log and in the manual. */
function EngineText({ problem: { message, remedy } }: { readonly problem: Problem }) {
  return (
    <div lang="en" dir="ltr" className="engine-text">
      <p>{message}</p>
      <p>{remedy}</p>
    </div>
  )
}

/** What is wrong and what to do, in the page's language where there is a sentence for it, else in English. */
function Refusal({ problem }: { readonly problem: Problem }) {
  const speech = useTexts()
  const { message, remedy, lang, dir } = problemText(problem, speech)
  return (
    <div lang={lang} dir={dir} className="engine-text">
      <p>{message}</p>
      <HeldBy problem={problem} />
      <p>{remedy}</p>
    </div>
  )
}

/** The same within a line. */
export function ProblemLine({ problem }: { readonly problem: Problem }) {
  const speech = useTexts()
  const { message, remedy, lang } = problemText(problem, speech)
  return (
    <span lang={lang}>
      <bdi>{message}</bdi> <HeldBy problem={problem} />{' '}
      <span className="quiet">
        <bdi>{remedy}</bdi>
      </span>
    </span>
  )
}

/** The program that holds a busy disk, when it could be seen. */
function HeldBy({ problem: { details } }: { readonly problem: Problem }) {
  const speech = useTexts()
  const { holder } = details
  if (typeof holder !== 'string') return null
  return <span lang={speech.language}>{speech.t('problem.heldBy', { holder: apart(holder, speech) })}</span>
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
          <ProblemLine problem={problem} />
          <Code>{problem.code}</Code>
        </li>
      ))}
    </ul>
  )
}
