// The label of a unit in the size of the printer's roll.
import { useState } from 'react'
import type { ReportView } from '#contract/views.ts'
import { RadioGroup } from '#renderer/components/index.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { PageDialog } from './page-dialog.tsx'

const SIZES = ['62mm', '25x54'] as const
type LabelSize = (typeof SIZES)[number]

export function LabelDialog({ report, onClose }: { readonly report: ReportView; onClose(): void }) {
  const t = useText()
  const [size, setSize] = useState<LabelSize>('62mm')
  return (
    <PageDialog
      title={t('reports.labelTitle', { unit: report.unit })}
      wanted={{ report: report.token, as: 'label', label: size }}
      look="label"
      saveLabel={t('reports.saveLabel')}
      onClose={onClose}
    >
      <RadioGroup<LabelSize>
        label={t('reports.labelSize')}
        value={size}
        onChange={setSize}
        options={SIZES.map((id) => ({ id, label: t(`reports.label.${id}`) }))}
      />
    </PageDialog>
  )
}
