// Step 1: which units. Nothing is chosen before somebody chooses it, not even the only one; what cannot be chosen says why.

import type { UnitView } from '#contract/views.ts'
import {
  Button,
  Checkbox,
  EmptyState,
  Icon,
  Notice,
  OneStop,
  ProblemList,
  shortName,
} from '#renderer/components/index.ts'
import { jobOf, useStation } from '#renderer/store/station.ts'
import { navigate, selectUnits, useUi } from '#renderer/store/ui.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { summaryLine } from '#renderer/text/sentences.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { contentOf } from '../bench/bench-rules.ts'
import { useRange } from '../bench/use-range.ts'
import { unitObstacle } from './provision-state.ts'
import { useProvision } from './provision-store.ts'

export function UnitsStep() {
  const t = useText()
  const mode = useProvision(({ wish }) => wish.mode)
  const units = useStation(({ bench }) => bench.units)
  const hidden = useStation(({ bench }) => bench.hidden.length)
  if (units.length === 0)
    return (
      <EmptyState
        icon="disk"
        title={t('provision.noUnits')}
        actions={<Button onPress={() => navigate('bench')}>{t('provision.toBench')}</Button>}
      >
        <p>{t('provision.noUnitsText')}</p>
      </EmptyState>
    )
  // A disk that already is an appliance loses a working system: that has its own name and its own place.
  const fresh = mode === 'repair' ? units : units.filter(({ recovery }) => recovery === null)
  const used = mode === 'repair' ? [] : units.filter(({ recovery }) => recovery !== null)
  return (
    <>
      <p className="quiet">{t('provision.unitsHint')}</p>
      {units.some(({ twin }) => twin) && (
        <Notice tone="warning" title={t('provision.twinsTitle')}>
          {t('provision.twinsText')}
        </Notice>
      )}
      <UnitList label={t('provision.unitList')} units={fresh} />
      {used.length > 0 && (
        <section className="danger-zone" aria-labelledby="reprovision-title">
          <h3 id="reprovision-title">
            <Icon name="needs-you" />
            {t('verb.reprovision')}
          </h3>
          <p>{t('provision.reprovisionText')}</p>
          <UnitList label={t('verb.reprovision')} units={used} />
        </section>
      )}
      {hidden > 0 && <p className="quiet">{t('provision.hidden', { count: hidden })}</p>}
    </>
  )
}

function UnitList({ label, units }: { readonly label: string; readonly units: readonly UnitView[] }) {
  const mode = useProvision(({ wish }) => wish.mode)
  const batches = useStation((station) => station.batches)
  const choosable = units.filter((unit) => unitObstacle(unit, jobOf({ batches }, unit.key), mode) === null)
  const range = useRange(choosable.map(({ key }) => key))
  return (
    <OneStop label={label}>
      {/* The boxes in it are the interactive elements; this only hears whether Shift was held. */}
      <ul className="unit-list" aria-label={label} onClickCapture={range}>
        {units.map((unit) => (
          <UnitRow key={unit.key} unit={unit} />
        ))}
      </ul>
    </OneStop>
  )
}

function UnitRow({ unit }: { readonly unit: UnitView }) {
  const speech = useTexts()
  const { t, locale } = speech
  const summary = summaryLine(unit, speech)
  const mode = useProvision(({ wish }) => wish.mode)
  const selection = useUi((state) => state.selection)
  const obstacle = useStation((station) => unitObstacle(unit, jobOf(station, unit.key), mode))
  const choose = (isSelected: boolean): void => {
    const others = [...selection].filter((key) => key !== unit.key)
    selectUnits(isSelected ? [...others, unit.key] : others)
  }
  const size = bytesText(unit.size, locale)
  const where = [t(`attachment.${unit.attachment}`), unit.port, unit.model].filter(Boolean).join(' · ')
  return (
    <li className="unit-row" data-unit={unit.key}>
      <Checkbox
        label={t('provision.unit', { name: shortName(unit), size })}
        description={where}
        isSelected={obstacle === null && selection.has(unit.key)}
        isDisabled={obstacle !== null}
        onChange={choose}
      />
      <div className="unit-facts">
        <p>{summary === '' ? t(`provision.content.${contentOf(unit)}`) : <bdi>{summary}</bdi>}</p>
        {obstacle && (
          <p className="unit-obstacle">
            <Icon name="lock" size={16} />
            {t(`provision.obstacle.${obstacle}`)}
          </p>
        )}
      </div>
      <div className="unit-problems">
        <ProblemList problems={unit.refusals} tone="danger" />
        <ProblemList problems={unit.warnings} tone="warning" />
      </div>
    </li>
  )
}
