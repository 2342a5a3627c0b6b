// Slots & recovery of one unit: both slots, what boots next, what is wrong and its repair, what was done to it.
import type { FallbackView, RecoveryView, UnitView } from '#contract/views.ts'
import {
  Button,
  Card,
  DiskStrip,
  EmptyState,
  Icon,
  Notice,
  ProblemBox,
  ProblemList,
  Screen,
  Select,
  Serial,
  shortName,
} from '#renderer/components/index.ts'
import type { ScreenComponentProps } from '#renderer/shell/screens.tsx'
import { jobOf, useJobOfUnit, useStation, useUnit } from '#renderer/store/station.ts'
import { navigate, selectUnits } from '#renderer/store/ui.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { fallbackLine, overrideLine, summaryLine } from '#renderer/text/sentences.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { contentOf, hasSlotsScreen, isSettled, newestReports } from '../bench/bench-rules.ts'
import { isBusy } from '../provision/provision-state.ts'
import { ExportReports } from '../reports/export-reports.tsx'
import { CheckDigests } from './check-digests.tsx'
import { Damage } from './damage.tsx'
import { History } from './history.tsx'
import { SlotCard } from './slot-card.tsx'
import { nextSentence } from './slots-state.ts'
import { TableChoice } from './table-choice.tsx'
import './slots.css'

export default function SlotsScreen({ about }: ScreenComponentProps) {
  const t = useText()
  const unit = useUnit(about)
  return (
    <Screen
      title={t('nav.slots')}
      description={unit && <UnitLine unit={unit} />}
      actions={
        <>
          {unit && <ExportOf unit={unit} />}
          <UnitChoice chosen={unit?.key ?? null} />
        </>
      }
    >
      {unit?.recovery ? (
        <Recovery unit={unit} recovery={unit.recovery} />
      ) : (
        <NothingToShow unit={unit} asked={about !== null} />
      )}
    </Screen>
  )
}

function UnitLine({ unit }: { readonly unit: UnitView }) {
  const { t, locale } = useTexts()
  return (
    <>
      {unit.serial === null ? <b>{shortName(unit)}</b> : <Serial value={unit.serial} />}{' '}
      {[unit.model, bytesText(unit.size, locale), t(`attachment.${unit.attachment}`), unit.port]
        .filter(Boolean)
        .map((word) => (
          <bdi key={word}> · {word}</bdi>
        ))}
    </>
  )
}

function ExportOf({ unit }: { readonly unit: UnitView }) {
  const job = useJobOfUnit(unit.key)
  const reports = useStation((station) => station.reports)
  return <ExportReports reports={newestReports([unit], () => job, reports)} />
}

function UnitChoice({ chosen }: { readonly chosen: string | null }) {
  const speech = useTexts()
  const { t, locale } = speech
  const units = useStation(({ bench }) => bench.units)
  const appliances = units.filter(hasSlotsScreen)
  return (
    <Select
      label={t('slots.unit')}
      placeholder={t('slots.chooseUnit')}
      value={chosen}
      isDisabled={appliances.length === 0}
      options={appliances.map((unit) => ({
        id: unit.key,
        label: t('slots.unitOption', { name: shortName(unit), size: bytesText(unit.size, locale) }),
        description: summaryLine(unit, speech),
      }))}
      onChange={(key) => navigate('slots', key)}
    />
  )
}

function NothingToShow({ unit, asked }: { readonly unit: UnitView | null; readonly asked: boolean }) {
  const t = useText()
  const busy = useStation((station) => unit !== null && isBusy(jobOf(station, unit.key)))
  const unknown = unit !== null && !isSettled(unit)
  const title = unknown
    ? t(`bench.content.${contentOf(unit)}`)
    : unit
      ? t('slots.notAppliance')
      : asked
        ? t('slots.unitGone')
        : t('slots.noneChosen')
  if (unit !== null && unit.tableSides !== null)
    return (
      <>
        <ProblemList problems={unit.refusals} tone="danger" />
        <TableChoice unit={unit} isDisabled={busy || unit.refusals.length > 0} />
      </>
    )
  return (
    <EmptyState
      icon="disk"
      title={title}
      actions={<Button onPress={() => navigate('bench')}>{t('slots.toBench')}</Button>}
    >
      {!unknown && <p>{unit ? t('slots.notApplianceText') : t('slots.noneChosenText')}</p>}
    </EmptyState>
  )
}

function Recovery({ unit, recovery }: { readonly unit: UnitView; readonly recovery: RecoveryView }) {
  const t = useText()
  const busy = useStation((station) => isBusy(jobOf(station, unit.key)))
  const refused = unit.refusals[0]
  const off = busy || unit.refusals.length > 0
  return (
    <>
      {busy && <Notice tone="info">{t('slots.busy')}</Notice>}
      {recovery.running !== null ? (
        <Notice tone="info">{t('bench.ownDisk')}</Notice>
      ) : (
        refused && <ProblemBox problem={refused} />
      )}
      <BootsNextSentence recovery={recovery} />
      <div className="slot-cards">
        <SlotCard unit={unit} recovery={recovery} slot="A" isDisabled={off} />
        <SlotCard unit={unit} recovery={recovery} slot="B" isDisabled={off} />
      </div>
      <CheckDigests unit={unit} recovery={recovery} isDisabled={busy} />
      <TableChoice unit={unit} isDisabled={off} />
      <Damage unit={unit} recovery={recovery} isDisabled={off} />
      <Card title={t('slots.disk')}>
        <DiskStrip title={t('disk.before')} partitions={unit.partitions} size={unit.size} />
      </Card>
      <History rows={recovery.history} />
      <OtherWays unit={unit} isDisabled={off} />
    </>
  )
}

function BootsNextSentence({ recovery }: { readonly recovery: RecoveryView }) {
  const speech = useTexts()
  const { t } = speech
  const next = nextSentence(recovery)
  return (
    <div className="boots-next">
      <p className="boots-next-sentence">
        <Icon name={next.kind === 'nothing' ? 'failed' : 'play'} />
        {next.kind === 'nothing' && t('slots.next.nothing')}
        {next.kind === 'later' && t('slots.next.later', { slot: next.slot })}
        {next.kind === 'settled' && t('slots.next.settled', { slot: next.slot })}
        {next.kind === 'unknown' && t('slots.next.unknown', { slot: next.slot })}
        {next.kind === 'patient' &&
          t('slots.next.patient', { slot: next.slot, spare: next.spare, starts: next.starts })}
        {next.kind === 'alone' && t('slots.next.alone', { slot: next.slot, tries: next.tries })}
        {next.kind === 'counted' && t('slots.next.counted', { slot: next.slot, spare: next.spare, tries: next.tries })}
      </p>
      {recovery.lastFallback && (
        <p>
          <b>{t('slots.lastFallback')}</b> <LastFallback fallback={recovery.lastFallback} />
        </p>
      )}
      {recovery.override && (
        <p>
          <b>{t('slots.override')}</b> <bdi>{overrideLine(recovery.override, new Date(), speech)}</bdi>
        </p>
      )}
    </div>
  )
}

/** What failed is told by the appliance's own probes, in their words. */
function LastFallback({ fallback }: { readonly fallback: FallbackView }) {
  const said = fallback.probes.map(({ name, error }) => `${name}: ${error}`)
  return (
    <>
      <bdi>{fallbackLine(fallback, new Date(), useTexts())}</bdi>{' '}
      {said.length > 0 && (
        <bdi lang="en" className="quiet">
          {said.join('; ')}
        </bdi>
      )}
    </>
  )
}

/** What keeps data, what replaces /config, and, apart from them, what erases everything. */
function OtherWays({ unit, isDisabled }: { readonly unit: UnitView; readonly isDisabled: boolean }) {
  const t = useText()
  const noConfig = unit.configAgainst.restore
  const go = (mode: 'repair' | 'provision'): void => {
    selectUnits([unit.key])
    navigate('provision', mode === 'repair' ? mode : null)
  }
  return (
    <>
      <Card title={t('slots.other')}>
        <div className="actions">
          <Button isDisabled={isDisabled} onPress={() => go('repair')}>
            {t('verb.repair')}
          </Button>
          <Button isDisabled={isDisabled || noConfig !== null} onPress={() => navigate('config', unit.key)}>
            {t('verb.restore')}
          </Button>
        </div>
        {noConfig && <ProblemList problems={[noConfig]} tone="warning" />}
      </Card>
      <section className="slots-danger" aria-labelledby="slots-danger">
        <h2 id="slots-danger">{t('verb.reprovision')}</h2>
        <p>{t('slots.reprovisionText')}</p>
        <Button isDisabled={isDisabled} onPress={() => go('provision')}>
          {t('verb.reprovision')}
        </Button>
      </section>
    </>
  )
}
