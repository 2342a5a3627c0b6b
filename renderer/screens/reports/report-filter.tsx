// Narrowing the list of certificates; `/` goes to the field.
import { Input, Label, SearchField } from 'react-aria-components'
import { Icon, Select } from '#renderer/components/index.ts'
import { FILTER_FIELD } from '#renderer/shell/keys.ts'
import { useText } from '#renderer/text/use-text.tsx'
import type { OutcomeFilter } from './report-rules.ts'

export interface ReportFilterProps {
  readonly filter: string
  onFilter(filter: string): void
  readonly outcome: OutcomeFilter
  onOutcome(outcome: OutcomeFilter): void
  readonly shown: number
  readonly count: number
}

const OUTCOMES = ['all', 'done', 'failed', 'stopped'] as const

export function ReportFilter({ filter, onFilter, outcome, onOutcome, shown, count }: ReportFilterProps) {
  const t = useText()
  return (
    <div className="report-filter">
      <SearchField className="report-search field" value={filter} onChange={onFilter} {...{ [FILTER_FIELD]: '' }}>
        <Label>{t('reports.filter')}</Label>
        <span className="report-search-box">
          <Icon name="search" />
          <Input className="input" placeholder={t('reports.filterHint')} />
        </span>
      </SearchField>
      <Select
        label={t('reports.outcomeFilter')}
        value={outcome}
        onChange={onOutcome}
        options={OUTCOMES.map((id) => ({ id, label: t(`reports.outcome.${id}`) }))}
      />
      <span className="report-shown quiet" role="status">
        {shown < count && t('reports.shown', { shown, count })}
      </span>
    </div>
  )
}
