// Export of certificates from where the units are: one is opened, to be printed or saved; several become rows for a spreadsheet.
import { useState } from 'react'
import type { ReportView } from '#contract/views.ts'
import { Button, IconButton } from '#renderer/components/index.ts'
import { EXPORTS } from '#renderer/shell/keys.ts'
import { navigate } from '#renderer/store/ui.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { CsvDialog } from './csv-dialog.tsx'

export interface ExportReportsProps {
  readonly reports: readonly ReportView[]
  /** Where there is no room for words; they are read out all the same. */
  readonly iconOnly?: boolean
}

export function ExportReports({ reports, iconOnly }: ExportReportsProps) {
  const t = useText()
  const [asking, setAsking] = useState(false)
  const start = (): void => {
    if (reports.length === 1) navigate('reports', reports[0].token)
    else setAsking(true)
  }
  const words = t('action.export', { count: reports.length })
  const button = { ...EXPORTS, icon: 'reports', isDisabled: reports.length === 0, onPress: start } as const
  return (
    <>
      {iconOnly ? <IconButton {...button} label={words} /> : <Button {...button}>{words}</Button>}
      {asking && <CsvDialog rows={reports} selected cut={false} onClose={() => setAsking(false)} />}
    </>
  )
}
