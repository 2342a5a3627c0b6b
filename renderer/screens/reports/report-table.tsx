// The list of certificates: unit first, then what was done, how it ended, and whether the file is signed.
import type { ReportView } from '#contract/views.ts'
import { Button, DataTable, Done, Icon, MenuButton, ProblemBox, saveText, Time } from '#renderer/components/index.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { useText } from '#renderer/text/use-text.tsx'

export interface ReportTableProps {
  readonly reports: readonly ReportView[]
  readonly selected: ReadonlySet<string>
  onSelect(tokens: ReadonlySet<string>): void
  onView(report: ReportView): void
  onLabel(report: ReportView): void
}

export function ReportTable({ reports, selected, onSelect, onView, onLabel }: ReportTableProps) {
  const t = useText()
  const get = useCall('report.get')
  return (
    <>
      {get.problem && <ProblemBox problem={get.problem} />}
      <DataTable
        label={t('reports.list')}
        rows={reports}
        keyOf={({ token }) => token}
        selected={selected}
        onSelect={onSelect}
        checks
        onAction={onView}
        empty={t('table.noMatch')}
        columns={[
          {
            id: 'unit',
            title: t('reports.unit'),
            rowHeader: true,
            render: ({ unit }) => <UnitName unit={unit} />,
          },
          { id: 'what', title: t('reports.what'), render: ({ what }) => <Done what={what} /> },
          { id: 'version', title: t('reports.version'), render: ({ version }) => <bdi>{version ?? '–'}</bdi> },
          { id: 'outcome', title: t('reports.outcome'), render: ({ outcome }) => <Outcome outcome={outcome} /> },
          { id: 'at', title: t('reports.at'), render: ({ at }) => <Time at={at} relative={false} /> },
          { id: 'signed', title: t('reports.signed'), render: ({ signed }) => <Signed signed={signed} /> },
          {
            id: 'actions',
            title: t('reports.actions'),
            render: (report) => <RowActions report={report} onView={onView} onLabel={onLabel} get={get} />,
          },
        ]}
      />
    </>
  )
}

const UnitName = ({ unit }: Pick<ReportView, 'unit'>) => (
  <span className="report-unit">
    <bdi>{unit}</bdi>
  </span>
)

function Outcome({ outcome }: Pick<ReportView, 'outcome'>) {
  const t = useText()
  return (
    <span className={`state state-${outcome === 'done' ? 'verified' : outcome}`}>
      <Icon name={outcome === 'done' ? 'good' : outcome} />
      {t(`reports.outcome.${outcome}`)}
    </span>
  )
}

function Signed({ signed }: Pick<ReportView, 'signed'>) {
  const t = useText()
  return (
    <span className={signed ? 'report-signed' : 'report-signed report-unsigned'}>
      <Icon name={signed ? 'trust' : 'needs-you'} size={16} />
      {t(signed ? 'reports.signed.yes' : 'reports.signed.no')}
    </span>
  )
}

interface RowActionsProps extends Pick<ReportTableProps, 'onView' | 'onLabel'> {
  readonly report: ReportView
  readonly get: ReturnType<typeof useCall<'report.get'>>
}

function RowActions({ report, onView, onLabel, get }: RowActionsProps) {
  const t = useText()
  const save = (as: 'html' | 'json' | 'signature' | 'key') => async (): Promise<void> => {
    const file = await get.run({ report: report.token, as })
    if (file) saveText(file)
  }
  const { unit, signed } = report
  return (
    <span className="report-actions">
      <Button variant="quiet" aria-label={t('reports.viewOf', { unit })} onPress={() => onView(report)}>
        {t('reports.view')}
      </Button>
      <MenuButton
        iconOnly
        label={t('reports.actionsOf', { unit })}
        isDisabled={get.busy}
        items={[
          { id: 'html', label: t('reports.saveHtml'), onAction: save('html') },
          { id: 'json', label: t('reports.saveJson'), onAction: save('json') },
          { id: 'signature', label: t('reports.saveSignature'), isDisabled: !signed, onAction: save('signature') },
          { id: 'key', label: t('reports.saveKey'), onAction: save('key') },
          { id: 'label', label: t('reports.label'), onAction: () => onLabel(report) },
        ]}
      />
    </span>
  )
}
