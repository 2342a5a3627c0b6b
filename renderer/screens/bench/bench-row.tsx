// One unit on the bench: where it is plugged in, who it is, what is on it, what it is doing. Identity first, always.
import { memo } from 'react'
import { Checkbox } from 'react-aria-components'
import type { UnitJobView, UnitView } from '#contract/views.ts'
import {
  Button,
  Bytes,
  Icon,
  MenuButton,
  type MenuEntry,
  Progress,
  Serial,
  SlotBadge,
  StateWord,
  shortName,
  useMinute,
} from '#renderer/components/index.ts'
import { jobOf, useJobOfUnit, useStation } from '#renderer/store/station.ts'
import { navigate, selectUnits } from '#renderer/store/ui.ts'
import { relativeText } from '#renderer/text/numbers.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { actionsFor, contentOf, isBusy, isOfBefore, stateOfUnit } from './bench-rules.ts'
import { Elapsed } from './elapsed.tsx'
import { FinishUnit } from './finish-unit.tsx'
import { Known } from './known.tsx'
import { useVirtualActions } from './virtual-actions.tsx'

export interface BenchRowProps {
  readonly unit: UnitView
  onInspect(unit: UnitView): void
}

export function BenchRow({ unit, onInspect }: BenchRowProps) {
  const t = useText()
  return (
    <div className="row-grid">
      <Checkbox slot="selection" className="choice-check row-check">
        <span className="choice-mark" aria-hidden="true">
          <Icon name="good" size={16} />
        </span>
      </Checkbox>
      <div className="row-port">
        <Icon name={unit.kind === 'virtual' ? 'file' : 'disk'} size={24} />
        <span>
          <bdi>{unit.port || '–'}</bdi>
          <small className="quiet">{t(`attachment.${unit.attachment}`)}</small>
        </span>
      </div>
      <div className="row-identity">
        {unit.kind === 'virtual' && !unit.serial ? <b>{shortName(unit)}</b> : <Serial value={unit.serial} />}
        <small className="quiet">
          <Bytes value={unit.size} /> <bdi>{unit.kind === 'virtual' ? t('bench.virtual') : unit.model}</bdi>
        </small>
      </div>
      <Content unit={unit} />
      <RowState unit={unit} />
      <RowActions unit={unit} onInspect={onInspect} />
    </div>
  )
}

/** The only part of a row that progress draws anew. */
function RowState({ unit }: { readonly unit: UnitView }) {
  const job = useJobOfUnit(unit.key)
  const runsHere = (unit.recovery?.running ?? null) !== null
  return (
    <div className="row-state">
      <span className="row-now">
        {(job || !runsHere) && <StateWord state={stateOfUnit(unit, job)} />}
        {job && <ToJob batch={job.batch} report={job.report} busy={isBusy(job)} />}
      </span>
      <Doing unit={unit} job={job} />
    </div>
  )
}

function Content({ unit }: { readonly unit: UnitView }) {
  const t = useText()
  const { recovery, content } = unit
  const before = useStation((station) => isOfBefore(unit, jobOf(station, unit.key)))
  if (!recovery)
    return (
      <div className="row-content">
        <span>{t(`bench.content.${contentOf(unit)}`)}</span>
        {content === 'other' && (
          <small className="quiet">{t('bench.partitions', { count: unit.partitions.length })}</small>
        )}
        {before && <small className="quiet">{t('bench.content.before')}</small>}
      </div>
    )
  return (
    <div className="row-content">
      <SlotBadge slot={recovery.slots.A} bootsNext={recovery.bootsNext?.slot === 'A'} runs={recovery.running === 'A'} />
      <SlotBadge slot={recovery.slots.B} bootsNext={recovery.bootsNext?.slot === 'B'} runs={recovery.running === 'B'} />
      <ConfigAge at={unit.configAge} />
      {before && <small className="quiet">{t('bench.content.before')}</small>}
    </div>
  )
}

function ConfigAge({ at }: { readonly at: string | null }) {
  const { t, locale } = useTexts()
  const now = new Date(useMinute())
  const text = at === null ? t('bench.configNone') : t('bench.config', { age: relativeText(new Date(at), now, locale) })
  return <small className="quiet">{text}</small>
}

function Doing({ unit, job }: { readonly unit: UnitView; readonly job: UnitJobView | null }) {
  const t = useText()
  if (job && isBusy(job) && job.state !== 'ready')
    return (
      <>
        <Progress label={shortName(unit)} done={job.doneBytes} total={job.totalBytes} remaining={job.remaining} />
        {job.startedAt && <Elapsed since={job.startedAt} />}
      </>
    )
  if (unit.recovery?.running) return <small className="quiet">{t('bench.ownDisk')}</small>
  if (unit.twin) return <small className="row-why">{t('bench.twin')}</small>
  return (
    <>
      {unit.refusals.length > 0 && <small className="row-why">{t('bench.refused')}</small>}
      {unit.refusals.length === 0 && unit.warnings.length > 0 && (
        <small className="row-why">{t('warnings.title', { count: unit.warnings.length })}</small>
      )}
      <Known known={unit.known} />
      <FinishUnit unit={unit} />
    </>
  )
}

interface ToJobProps {
  readonly batch: string
  readonly report: string | null
  readonly busy: boolean
}

/** Where to see more of the job: its progress, or its report. */
const ToJob = memo(function ToJob({ batch, report, busy }: ToJobProps) {
  const t = useText()
  if (busy)
    return (
      <Button variant="quiet" onPress={() => navigate('run', batch)}>
        {t('bench.openRun')}
      </Button>
    )
  if (report === null) return null
  return (
    <Button variant="quiet" icon="reports" onPress={() => navigate('reports', report)}>
      {t('bench.openReport')}
    </Button>
  )
})

function RowActions({ unit, onInspect }: BenchRowProps) {
  const t = useText()
  const busy = useStation((station) => isBusy(jobOf(station, unit.key)))
  const virtual = useVirtualActions(unit)
  const fits = actionsFor([unit], () => busy)
  const go = (screen: 'provision', about: string | null) => (): void => {
    selectUnits([unit.key])
    navigate(screen, about)
  }
  const all: readonly (MenuEntry & { readonly shown: boolean })[] = [
    { id: 'inspect', shown: true, label: t('bench.inspect'), onAction: () => onInspect(unit) },
    { id: 'slots', shown: fits.has('slots'), label: t('nav.slots'), onAction: () => navigate('slots', unit.key) },
    { id: 'repair', shown: fits.has('repair'), label: t('verb.repair'), onAction: go('provision', 'repair') },
    {
      id: 'restore',
      shown: fits.has('restore'),
      label: t('verb.restore'),
      onAction: () => navigate('config', unit.key),
    },
    {
      id: 'provision',
      shown: fits.has('provision'),
      danger: true,
      label: t(unit.content === 'appliance' ? 'verb.reprovision' : 'verb.provision'),
      onAction: go('provision', null),
    },
  ]
  const entries = [...all.filter(({ shown }) => shown), ...(busy ? [] : virtual.entries)]
  return (
    <div className="row-actions">
      <MenuButton iconOnly label={t('bench.actionsOf', { unit: shortName(unit) })} items={entries} />
      {virtual.dialog}
    </div>
  )
}
