// Export of the newest certificates of the selected units. In the head of the screen: the bar of the selection must not grow when
// something is selected, or rows would move under the pointer.
import { useMemo } from 'react'
import { jobOf, useStation } from '#renderer/store/station.ts'
import { useUi } from '#renderer/store/ui.ts'
import { ExportReports } from '../reports/export-reports.tsx'
import { newestReports } from './bench-rules.ts'

export function ExportSelected() {
  const selection = useUi((state) => state.selection)
  const units = useStation(({ bench }) => bench.units)
  const reports = useStation((station) => station.reports)
  const batches = useStation((station) => station.batches)
  const newest = useMemo(() => {
    const selected = units.filter(({ key }) => selection.has(key))
    return newestReports(selected, ({ key }) => jobOf({ batches }, key), reports)
  }, [selection, units, batches, reports])
  return <ExportReports iconOnly reports={newest} />
}
