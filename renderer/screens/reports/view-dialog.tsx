// A certificate as it will be printed.
import { useRef } from 'react'
import type { ReportView } from '../../../src-shared/contract/views.ts'
import { Button, Dialog, ProblemBox, saveText } from '../../components/index.ts'
import { useText } from '../../text/use-text.tsx'
import { PageFrame, printFrame } from './page-frame.tsx'
import { usePage } from './use-page.ts'

export function ViewDialog({ report, onClose }: { readonly report: ReportView; onClose(): void }) {
  const t = useText()
  const frame = useRef<HTMLIFrameElement>(null)
  const { page, problem } = usePage({ report: report.token, as: 'html' })
  const title = t('reports.viewTitle', { unit: report.unit })
  const footer = (
    <>
      <Button isDisabled={page === null} onPress={() => page && saveText(page)}>
        {t('reports.saveHtml')}
      </Button>
      <Button variant="primary" isDisabled={page === null} onPress={() => printFrame(frame.current)}>
        {t('reports.print')}
      </Button>
    </>
  )
  return (
    <Dialog title={title} isOpen onClose={onClose} size="wide" footer={footer}>
      {problem ? (
        <ProblemBox problem={problem} />
      ) : (
        <PageFrame ref={frame} html={page?.text ?? null} title={title} look="certificate" />
      )}
    </Dialog>
  )
}
