// A job that wrote and did not come to its end is offered to be finished; where it cannot be as it was begun, the reason stands.
import type { UnitView } from '#contract/views.ts'
import { Button, shortName } from '#renderer/components/index.ts'
import { jobOf, useStation } from '#renderer/store/station.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { usePlanned } from '../confirm/use-planned.tsx'
import { isBusy, isSettled } from './bench-rules.ts'

export function FinishUnit({ unit }: { readonly unit: UnitView }) {
  const t = useText()
  const { busy, plan, dialogs } = usePlanned('plan.finish')
  const running = useStation((station) => isBusy(jobOf(station, unit.key)))
  const { unfinished } = unit.known
  if (unfinished === null || running) return null
  if (unfinished.obstacle !== null)
    return <small className="row-why">{t(`finish.obstacle.${unfinished.obstacle}`)}</small>
  // Why it is refused stands beside it already.
  const off = busy || unit.refusals.length > 0 || !isSettled(unit)
  return (
    <>
      <Button
        isDisabled={off}
        aria-label={`${t('finish.action')}: ${shortName(unit)}`}
        onPress={() => void plan(t('finish.action'), { unit: unit.token })}
      >
        {t('finish.action')}
      </Button>
      {dialogs}
    </>
  )
}
