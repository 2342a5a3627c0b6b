// Certificates as rows for a spreadsheet.
import { useState } from 'react'
import type { ReportView } from '#contract/views.ts'
import { Button, Checkbox, Dialog, Notice, ProblemBox, saveText } from '#renderer/components/index.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { useText } from '#renderer/text/use-text.tsx'

export interface CsvDialogProps {
  readonly rows: readonly ReportView[]
  /** They were selected, and are not just those that are shown. */
  readonly selected: boolean
  /** More are shown than can be saved at once. */
  readonly cut: boolean
  onClose(): void
}

export function CsvDialog({ rows, selected, cut, onClose }: CsvDialogProps) {
  const t = useText()
  const [bom, setBom] = useState(false)
  const csv = useCall('report.csv')
  const save = async (): Promise<void> => {
    const file = await csv.run({ reports: rows.map(({ token }) => token), bom })
    if (file === null) return
    saveText(file)
    onClose()
  }
  const footer = (
    <>
      <Button onPress={onClose}>{t('action.cancel')}</Button>
      <Button variant="primary" isDisabled={csv.busy} onPress={() => void save()}>
        {t('action.save')}
      </Button>
    </>
  )
  return (
    <Dialog title={t('reports.csvTitle')} isOpen onClose={onClose} footer={footer}>
      <p>{t(selected ? 'reports.csvSelected' : 'reports.csvShown', { count: rows.length })}</p>
      {cut && <Notice tone="warning">{t('reports.csvMost')}</Notice>}
      <Checkbox label={t('reports.bom')} description={t('reports.bomText')} isSelected={bom} onChange={setBom} />
      {csv.problem && <ProblemBox problem={csv.problem} />}
    </Dialog>
  )
}
