// A certificate as it will be printed.
import type { ReportView } from '#contract/views.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { PageDialog } from './page-dialog.tsx'

export function ViewDialog({ report, onClose }: { readonly report: ReportView; onClose(): void }) {
  const t = useText()
  return (
    <PageDialog
      title={t('reports.viewTitle', { unit: report.unit })}
      wanted={{ report: report.token, as: 'html' }}
      look="certificate"
      saveLabel={t('reports.saveHtml')}
      onClose={onClose}
    />
  )
}
