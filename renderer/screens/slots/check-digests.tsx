// Reads both slots and compares them with the digests that were recorded when they were written. Writes nothing.
import { useId } from 'react'
import type { RecoveryView, UnitView } from '#contract/views.ts'
import { Button, Card, ProblemBox } from '#renderer/components/index.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { useTexts } from '#renderer/text/use-text.tsx'
import { CheckProgress, useCheck, wasStopped } from '../check/check-progress.tsx'
import { bytesToCheck } from './slots-state.ts'

export interface CheckDigestsProps {
  readonly unit: UnitView
  readonly recovery: RecoveryView
  readonly isDisabled: boolean
}

export function CheckDigests({ unit, recovery, isDisabled }: CheckDigestsProps) {
  const { t, locale } = useTexts()
  const { run, busy, problem } = useCall('unit.check-slots')
  const check = useCheck(unit.token)
  const what = useId()
  const size = bytesText(bytesToCheck(recovery), locale)
  const running = busy || check !== null
  return (
    <Card title={t('slots.check')}>
      <p id={what} className="quiet">
        {t('slots.checkText', { size })}
      </p>
      <div className="actions">
        <Button icon="verified" isDisabled={isDisabled || running} onPress={() => void run({ unit: unit.token })}>
          {t('slots.checkNow')}
        </Button>
      </div>
      {check && <CheckProgress check={check} label={t('slots.check')} heading={what} />}
      <Outcome recovery={recovery} state={running ? 'running' : wasStopped(problem) ? 'stopped' : 'ended'} />
      {problem && !wasStopped(problem) && <ProblemBox problem={problem} />}
    </Card>
  )
}

interface OutcomeProps {
  readonly recovery: RecoveryView
  readonly state: 'running' | 'stopped' | 'ended'
}

function Outcome({ recovery: { slots }, state }: OutcomeProps) {
  const { t } = useTexts()
  const done = [slots.A, slots.B].some(({ checked }) => checked !== 'not-checked')
  const texts = {
    running: t('slots.checking'),
    stopped: t('check.stopped'),
    ended: done
      ? t('slots.checkResult', {
          a: t(`slots.checked.${slots.A.checked}`),
          b: t(`slots.checked.${slots.B.checked}`),
        })
      : '',
  }
  return <p role="status">{texts[state]}</p>
}
