// A long reading that changes nothing, while it runs: how far it is, and a button that stops it. Every window shows it, whichever
// began it.
import { ProgressBar } from 'react-aria-components'
import type { CheckView, Problem, Token } from '#contract/views.ts'
import { NamedButton } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { bytesText, percentOf } from '#renderer/text/numbers.ts'
import { useTexts } from '#renderer/text/use-text.tsx'
import './check.css'

/** The check of this unit or image that is under way. */
export const useCheck = (about: Token): CheckView | null =>
  useStation(({ checks }) => checks.find((check) => check.about === about) ?? null)

/** A check that was stopped is no failure: nothing is wrong, nothing was lost. */
export const wasStopped = (problem: Problem | null): boolean => problem?.code === 'job.cancelled'

export interface CheckProgressProps {
  readonly check: CheckView
  readonly label: string
  /** Id of the element that names what is read. */
  readonly heading: string
}

export function CheckProgress({ check: { about, doneBytes, totalBytes }, label, heading }: CheckProgressProps) {
  const { t, locale } = useTexts()
  const stop = useCall('check.stop')
  const percent = percentOf(doneBytes, totalBytes)
  const text = t('check.progress', {
    percent,
    done: bytesText(doneBytes, locale),
    total: bytesText(totalBytes, locale),
  })
  return (
    <div className="check-progress">
      <ProgressBar className="progress" value={percent} valueLabel={text} aria-label={label}>
        <progress className="progress-track" max={100} value={percent} aria-hidden="true" />
        <span className="progress-text" aria-hidden="true">
          {text}
        </span>
      </ProgressBar>
      <NamedButton icon="stopped" isDisabled={stop.busy} about={heading} onPress={() => void stop.run({ about })}>
        {t('action.cancel')}
      </NamedButton>
    </div>
  )
}
