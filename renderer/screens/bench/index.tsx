// Bench: every unit that is plugged in, what it is, what it is doing, and what to do with it. Units come and go by themselves;
// none is ever selected but by a person.
import { useMemo, useState } from 'react'
import type { UnitView } from '#contract/views.ts'
import { EmptyState, Notice, ProblemList, Screen } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { navigate, useUi } from '#renderer/store/ui.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { AddDisk } from './add-disk.tsx'
import './bench.css'
import { BenchList } from './bench-list.tsx'
import { contentOf, hasSlotsScreen, matchesFilter } from './bench-rules.ts'
import { ExportSelected } from './export-selected.tsx'
import { FilterInput } from './filter-input.tsx'
import { HiddenDisks } from './hidden-disks.tsx'
import { InspectDialog } from './inspect-dialog.tsx'
import { SelectionBar } from './selection-bar.tsx'

export default function BenchScreen() {
  const t = useText()
  const bench = useStation((station) => station.bench)
  const filter = useUi((state) => state.filter)
  const [inspected, setInspected] = useState<string | null>(null)
  const shown = useMemo(
    () =>
      bench.units.filter((unit) =>
        matchesFilter(unit, filter, [t(`attachment.${unit.attachment}`), t(`bench.content.${contentOf(unit)}`)]),
      ),
    [bench.units, filter, t],
  )
  const open = (unit: UnitView): void => (hasSlotsScreen(unit) ? navigate('slots', unit.key) : setInspected(unit.key))
  return (
    <Screen
      title={t('bench.title')}
      description={t('bench.description', { count: bench.units.length })}
      actions={
        <>
          {bench.units.length > 0 && <FilterInput shown={shown.length} count={bench.units.length} />}
          <ExportSelected />
          <AddDisk />
        </>
      }
    >
      {bench.problem && <ProblemList problems={[bench.problem]} tone="danger" />}
      {bench.units.some(({ twin }) => twin) && (
        <Notice tone="warning" title={t('bench.twinTitle')}>
          {t('bench.twinText')}
        </Notice>
      )}
      {bench.units.length === 0 ? (
        <EmptyState icon="disk" title={t('bench.emptyTitle')}>
          <p>{t('bench.emptyText')}</p>
        </EmptyState>
      ) : (
        <>
          <SelectionBar />
          <BenchList units={shown} onOpen={open} onInspect={({ key }) => setInspected(key)} />
        </>
      )}
      <HiddenDisks disks={bench.hidden} />
      <InspectDialog unitKey={inspected} onClose={() => setInspected(null)} />
    </Screen>
  )
}
