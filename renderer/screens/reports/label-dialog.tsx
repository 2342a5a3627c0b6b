// The label of a unit in the size of the printer's roll.
import { useRef, useState } from 'react'
import type { ReportView } from '../../../src-shared/contract/views.ts'
import { Button, Dialog, ProblemBox, RadioGroup, saveText } from '../../components/index.ts'
import { useText } from '../../text/use-text.tsx'
import { PageFrame, printFrame } from './page-frame.tsx'
import { usePage } from './use-page.ts'

const SIZES = ['62mm', '25x54'] as const
type LabelSize = (typeof SIZES)[number]

export function LabelDialog({ report, onClose }: { readonly report: ReportView; onClose(): void }) {
  const t = useText()
  const frame = useRef<HTMLIFrameElement>(null)
  const [size, setSize] = useState<LabelSize>('62mm')
  const { page, problem } = usePage({ report: report.token, as: 'label', label: size })
  const title = t('reports.labelTitle', { unit: report.unit })
  const footer = (
    <>
      <Button isDisabled={page === null} onPress={() => page && saveText(page)}>
        {t('reports.saveLabel')}
      </Button>
      <Button variant="primary" isDisabled={page === null} onPress={() => printFrame(frame.current)}>
        {t('reports.print')}
      </Button>
    </>
  )
  return (
    <Dialog title={title} isOpen onClose={onClose} footer={footer}>
      <RadioGroup<LabelSize>
        label={t('reports.labelSize')}
        value={size}
        onChange={setSize}
        options={SIZES.map((id) => ({ id, label: t(`reports.label.${id}`) }))}
      />
      {problem ? (
        <ProblemBox problem={problem} />
      ) : (
        <PageFrame ref={frame} html={page?.text ?? null} title={title} look="label" />
      )}
    </Dialog>
  )
}
