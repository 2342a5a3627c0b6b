// Everything that is known of one unit, read only.
import type { UnitView } from '#contract/views.ts'
import {
  Button,
  Bytes,
  Code,
  Dialog,
  DiskStrip,
  Facts,
  ProblemList,
  Serial,
  SlotBadge,
  shortName,
  Time,
} from '#renderer/components/index.ts'
import { jobOf, useStation, useUnit } from '#renderer/store/station.ts'
import { navigate } from '#renderer/store/ui.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { contentOf, hasSlotsScreen, isOfBefore, isRead } from './bench-rules.ts'

export function InspectDialog({ unitKey, onClose }: { readonly unitKey: string | null; onClose(): void }) {
  const t = useText()
  const unit = useUnit(unitKey)
  const before = useStation((station) => unit !== null && isOfBefore(unit, jobOf(station, unit.key)))
  if (unit === null) return null
  const { recovery } = unit
  const toSlots = hasSlotsScreen(unit) && (
    <Button
      onPress={() => {
        onClose()
        navigate('slots', unit.key)
      }}
    >
      {t('nav.slots')}
    </Button>
  )
  return (
    <Dialog size="wide" title={t('run.unit', { unit: shortName(unit) })} isOpen onClose={onClose} footer={toSlots}>
      <ProblemList problems={unit.refusals} tone="danger" />
      <ProblemList problems={unit.warnings} tone="warning" />
      <Facts
        rows={[
          [t('bench.serial'), <Serial key="serial" value={unit.serial} />],
          [t('bench.model'), <bdi key="model">{unit.model ?? '–'}</bdi>],
          [t('bench.size'), <Bytes key="size" value={unit.size} />],
          [t('bench.attachment'), `${t(`attachment.${unit.attachment}`)}${unit.port ? ` · ${unit.port}` : ''}`],
          [t('bench.path'), <Code key="path">{unit.path}</Code>],
          [t('role.config'), <Config key="config" unit={unit} />],
        ]}
      />
      {recovery && (
        <div className="inspect-slots">
          <SlotBadge
            slot={recovery.slots.A}
            bootsNext={recovery.bootsNext?.slot === 'A'}
            runs={recovery.running === 'A'}
          />
          <SlotBadge
            slot={recovery.slots.B}
            bootsNext={recovery.bootsNext?.slot === 'B'}
            runs={recovery.running === 'B'}
          />
        </div>
      )}
      {before && <p className="quiet">{t('bench.content.before')}</p>}
      {isRead(unit) ? (
        <DiskStrip title={t('disk.before')} partitions={unit.partitions} size={unit.size} />
      ) : (
        <p>{t(`bench.content.${contentOf(unit)}`)}</p>
      )}
    </Dialog>
  )
}

/** That there is none is said only of a disk that was read. */
function Config({ unit }: { readonly unit: UnitView }) {
  const t = useText()
  if (unit.configAge !== null) return <Time at={unit.configAge} />
  return <>{isRead(unit) ? t('bench.configNone') : '–'}</>
}
