// The draft replaces the /config of a unit: chosen by hand, planned, confirmed. Slots and data are not touched.
import { useState } from 'react'
import type { ConfigDraftView, UnitView } from '#contract/views.ts'
import { Button, Card, Checkbox, ProblemList, Select, shortName } from '#renderer/components/index.ts'
import { jobOf, useStation } from '#renderer/store/station.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { summaryLine } from '#renderer/text/sentences.ts'
import { useTexts } from '#renderer/text/use-text.tsx'
import { usePlanned } from '../confirm/use-planned.tsx'
import { isBusy, unitObstacle } from '../provision/provision-state.ts'
import { againstRestore, restoreObstacle } from './draft-rules.ts'
import { closeDraft } from './draft-store.ts'

export interface RestorePanelProps {
  readonly draft: ConfigDraftView
  readonly unsaved: boolean
  /** Chosen already, because the person came from it. */
  readonly preferred: UnitView | null
}

export function RestorePanel({ draft, unsaved, preferred }: RestorePanelProps) {
  const speech = useTexts()
  const { t, locale } = speech
  const units = useStation(({ bench }) => bench.units)
  const [key, setKey] = useState<string | null>(preferred?.key ?? null)
  const unit = units.find((one) => one.key === key) ?? null
  const against = unit === null ? [] : againstRestore(unit)
  const blocked = useStation(
    (station) => unit !== null && unitObstacle(unit, jobOf(station, unit.key), 'repair') !== null,
  )
  const busyUnit = useStation((station) => unit !== null && isBusy(jobOf(station, unit.key)))
  const { busy, plan, dialogs } = usePlanned('plan.restore', undefined, closeDraft)
  const [accepted, setAccepted] = useState<ConfigDraftView | null>(null)
  // Accepted are the mistakes that were there, not those of a later change.
  const withMistakes = accepted === draft
  const obstacle = restoreObstacle(draft, unit?.token ?? null, unsaved, withMistakes)
  const restore = (): void => {
    if (unit !== null && obstacle === null) void plan(t('verb.restore'), { unit: unit.token, draft: draft.draft })
  }
  return (
    <Card title={t('verb.restore')}>
      <p>{t('config.restoreText')}</p>
      <Select
        label={t('config.restoreUnit')}
        placeholder={t('config.chooseUnit')}
        value={unit?.key ?? null}
        options={units
          .filter(({ recovery }) => recovery !== null)
          .map((one) => ({
            id: one.key,
            label: t('config.unitSize', { name: shortName(one), size: bytesText(one.size, locale) }),
            description: summaryLine(one, speech),
          }))}
        onChange={setKey}
      />
      {unit && <ProblemList problems={against} tone="danger" />}
      {draft.problems.length > 0 && (
        <Checkbox
          label={t('config.withMistakes', { count: draft.problems.length })}
          isSelected={withMistakes}
          onChange={(accept) => setAccepted(accept ? draft : null)}
        />
      )}
      <div className="actions">
        <Button
          variant="primary"
          isDisabled={obstacle !== null || blocked || against.length > 0 || busy}
          onPress={restore}
        >
          {t('verb.restore')}
        </Button>
        {obstacle && <span className="quiet">{t(`config.obstacle.${obstacle}`)}</span>}
        {busyUnit && <span className="quiet">{t('config.unitBusy')}</span>}
      </div>
      {dialogs}
    </Card>
  )
}
