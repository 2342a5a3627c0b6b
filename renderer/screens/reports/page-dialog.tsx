// A page of a report as it will be printed: saved as a file, or sent to a printer.
import { type ReactNode, useRef } from 'react'
import type { ConsoleParams } from '#contract/console.ts'
import { Button, Dialog, ProblemBox, saveText } from '#renderer/components/index.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { PageFrame, type PageFrameProps, printFrame } from './page-frame.tsx'
import { usePage } from './use-page.ts'

export interface PageDialogProps {
  readonly title: string
  readonly wanted: ConsoleParams<'report.get'>
  readonly look: PageFrameProps['look']
  readonly saveLabel: string
  onClose(): void
  /** Choices above the page. */
  readonly children?: ReactNode
}

export function PageDialog({ title, wanted, look, saveLabel, onClose, children }: PageDialogProps) {
  const t = useText()
  const frame = useRef<HTMLIFrameElement>(null)
  const { page, problem } = usePage(wanted)
  const footer = (
    <>
      <Button isDisabled={page === null} onPress={() => page && saveText(page)}>
        {saveLabel}
      </Button>
      <Button variant="primary" isDisabled={page === null} onPress={() => printFrame(frame.current)}>
        {t('reports.print')}
      </Button>
    </>
  )
  return (
    <Dialog title={title} isOpen onClose={onClose} size={look === 'label' ? 'normal' : 'wide'} footer={footer}>
      {children}
      {problem ? (
        <ProblemBox problem={problem} />
      ) : (
        <PageFrame ref={frame} html={page?.text ?? null} title={title} look={look} />
      )}
    </Dialog>
  )
}
