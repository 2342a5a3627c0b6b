// Reports: the certificates of this station, to read, print, save and verify. An address with a report's token opens it.
import { useMemo, useState } from 'react'
import type { ReportView } from '#contract/views.ts'
import { Button, EmptyState, ProblemList, Screen } from '#renderer/components/index.ts'
import { EXPORTS } from '#renderer/shell/keys.ts'
import type { ScreenComponentProps } from '#renderer/shell/screens.tsx'
import { useStation } from '#renderer/store/station.ts'
import { navigate } from '#renderer/store/ui.ts'
import { doneLine } from '#renderer/text/sentences.ts'
import { useTexts } from '#renderer/text/use-text.tsx'
import { CsvDialog } from './csv-dialog.tsx'
import { LabelDialog } from './label-dialog.tsx'
import { ReportFilter } from './report-filter.tsx'
import { matchesReport, type OutcomeFilter, rowsToSave } from './report-rules.ts'
import { ReportTable } from './report-table.tsx'
import './reports.css'
import { VerifyDialog } from './verify-dialog.tsx'
import { ViewDialog } from './view-dialog.tsx'

type Open = { readonly what: 'view' | 'label'; readonly token: string } | { readonly what: 'csv' | 'verify' }

export default function ReportsScreen({ about }: ScreenComponentProps) {
  const speech = useTexts()
  const { t } = speech
  const reports = useStation((station) => station.reports)
  const unread = useStation((station) => station.reportsUnread)
  const [filter, setFilter] = useState('')
  const [outcome, setOutcome] = useState<OutcomeFilter>('all')
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [open, setOpen] = useState<Open | null>(about === null ? null : { what: 'view', token: about })
  const shown = useMemo(
    () => reports.filter((report) => matchesReport(report, doneLine(report.what, speech).text, filter, outcome)),
    [reports, filter, outcome, speech],
  )
  const toSave = rowsToSave(shown, selected)
  const close = (): void => {
    setOpen(null)
    if (about !== null) navigate('reports')
  }
  const opened = open && 'token' in open ? reports.find(({ token }) => token === open.token) : undefined
  const ask =
    (what: 'view' | 'label') =>
    ({ token }: ReportView): void =>
      setOpen({ what, token })
  return (
    <Screen
      title={t('reports.title')}
      description={reports.length > 0 && t('reports.description', { count: reports.length })}
      actions={
        <>
          {reports.length > 0 && (
            <Button {...EXPORTS} isDisabled={toSave.rows.length === 0} onPress={() => setOpen({ what: 'csv' })}>
              {t('reports.csv', { count: toSave.rows.length })}
            </Button>
          )}
          <Button icon="verified" onPress={() => setOpen({ what: 'verify' })}>
            {t('reports.verify')}
          </Button>
        </>
      }
    >
      {unread && <ProblemList problems={[unread]} tone="danger" />}
      {unread && reports.length === 0 ? null : reports.length === 0 ? (
        <EmptyState icon="reports" title={t('reports.emptyTitle')}>
          <p>{t('reports.emptyText')}</p>
        </EmptyState>
      ) : (
        <>
          <ReportFilter
            filter={filter}
            onFilter={setFilter}
            outcome={outcome}
            onOutcome={setOutcome}
            shown={shown.length}
            count={reports.length}
          />
          <ReportTable
            reports={shown}
            selected={selected}
            onSelect={setSelected}
            onView={ask('view')}
            onLabel={ask('label')}
          />
        </>
      )}
      {open?.what === 'view' && opened && <ViewDialog report={opened} onClose={close} />}
      {open?.what === 'label' && opened && <LabelDialog report={opened} onClose={close} />}
      {open?.what === 'csv' && (
        <CsvDialog {...toSave} cut={shown.length > toSave.rows.length && !toSave.selected} onClose={close} />
      )}
      {open?.what === 'verify' && <VerifyDialog onClose={close} />}
    </Screen>
  )
}
