// The list of units. Only the rows in view exist, so that 500 units scroll as 5 do. Arrows move, space selects, Enter opens.
import type { KeyboardEvent } from 'react'
import { GridList, GridListItem, ListLayout, Virtualizer } from 'react-aria-components'
import type { UnitView } from '#contract/views.ts'
import { EmptyState, shortName } from '#renderer/components/index.ts'
import { selectUnits, useUi } from '#renderer/store/ui.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { BenchRow } from './bench-row.tsx'
import { useRange } from './use-range.ts'

export interface BenchListProps {
  readonly units: readonly UnitView[]
  /** Enter or double click. */
  onOpen(unit: UnitView): void
  onInspect(unit: UnitView): void
}

const LAYOUT = { estimatedRowHeight: 84, gap: 6, padding: 4 } as const

export function BenchList({ units, onOpen, onInspect }: BenchListProps) {
  const t = useText()
  const selection = useUi((state) => state.selection)
  const range = useRange(units.map(({ key }) => key))
  const openRow = (target: EventTarget): boolean => {
    const row = target instanceof Element ? target.closest('[role="row"]') : null
    const unit = units.find(({ key }) => key === row?.getAttribute('data-key'))
    if (unit) onOpen(unit)
    return unit !== undefined
  }
  // Enter always opens: the list itself would select with it as soon as anything is selected.
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.target as Element).matches('[role="row"]')) return
    if (openRow(event.target)) event.stopPropagation()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the rows in it are the interactive elements; this only hears their keys
    <div
      className="bench-list"
      onKeyDownCapture={onKeyDown}
      onClickCapture={range}
      onDoubleClick={(event) => openRow(event.target)}
    >
      <Virtualizer layout={ListLayout} layoutOptions={LAYOUT} shouldObserveItemSize>
        <GridList
          aria-label={t('bench.list')}
          className="bench-rows"
          items={units}
          selectionMode="multiple"
          selectedKeys={selection}
          onSelectionChange={(keys) =>
            selectUnits(keys === 'all' ? units.map(({ key }) => key) : [...keys].map(String))
          }
          renderEmptyState={() => <EmptyState icon="search" title={t('bench.noMatch')} />}
        >
          {(unit) => (
            <GridListItem id={unit.key} textValue={shortName(unit)} className="bench-row">
              <BenchRow unit={unit} onInspect={onInspect} />
            </GridListItem>
          )}
        </GridList>
      </Virtualizer>
    </div>
  )
}
