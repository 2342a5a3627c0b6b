// Reads both slots and compares them with the digests that were recorded when they were written. Writes nothing.
import { ProgressBar } from 'react-aria-components'
import type { RecoveryView, UnitView } from '../../../src-shared/contract/views.ts'
import { Button, Card, ProblemBox } from '../../components/index.ts'
import { useCall } from '../../store/use-call.ts'
import { bytesText } from '../../text/numbers.ts'
import { useTexts } from '../../text/use-text.tsx'
import { bytesToCheck } from './slots-state.ts'

export interface CheckDigestsProps {
  readonly unit: UnitView
  readonly recovery: RecoveryView
  readonly isDisabled: boolean
}

export function CheckDigests({ unit, recovery, isDisabled }: CheckDigestsProps) {
  const { t, locale } = useTexts()
  const { run, busy, problem } = useCall('unit.check-slots')
  const size = bytesText(bytesToCheck(recovery), locale)
  const done = [recovery.slots.A, recovery.slots.B].some(({ checked }) => checked !== 'not-checked')
  return (
    <Card title={t('slots.check')}>
      <p className="quiet">{t('slots.checkText', { size })}</p>
      <div className="actions">
        <Button icon="verified" isDisabled={isDisabled || busy} onPress={() => void run({ unit: unit.token })}>
          {t('slots.checkNow')}
        </Button>
        {busy && (
          <ProgressBar
            className="check-progress"
            isIndeterminate
            aria-label={t('slots.check')}
            valueLabel={t('slots.checking', { size })}
          >
            <progress className="progress-track" aria-hidden="true" />
            <span>{t('slots.checking', { size })}</span>
          </ProgressBar>
        )}
      </div>
      <p role="status" className={done && !busy ? '' : 'visually-hidden'}>
        {done &&
          !busy &&
          t('slots.checkResult', {
            a: t(`slots.checked.${recovery.slots.A.checked}`),
            b: t(`slots.checked.${recovery.slots.B.checked}`),
          })}
      </p>
      {problem && <ProblemBox problem={problem} />}
    </Card>
  )
}
