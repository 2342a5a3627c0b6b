// What this station did to a unit, newest first.
import type { HistoryRow } from '#contract/views.ts'
import { Button, Card, DataTable, Done, Icon, Time } from '#renderer/components/index.ts'
import { navigate } from '#renderer/store/ui.ts'
import { useText } from '#renderer/text/use-text.tsx'

export function History({ rows }: { readonly rows: readonly HistoryRow[] }) {
  const t = useText()
  return (
    <Card title={t('slots.history')}>
      <DataTable
        label={t('slots.history')}
        rows={rows}
        keyOf={({ at, report }) => `${at} ${report}`}
        empty={t('slots.noHistory')}
        columns={[
          { id: 'at', title: t('slots.when'), render: ({ at }) => <Time at={at} /> },
          { id: 'what', title: t('slots.what'), rowHeader: true, render: ({ what }) => <Done what={what} /> },
          {
            id: 'outcome',
            title: t('slots.outcome'),
            render: ({ outcome }) => (
              <span className="state">
                <Icon name={outcome === 'done' ? 'good' : outcome} size={18} />
                {t(`slots.outcome.${outcome}`)}
              </span>
            ),
          },
          {
            id: 'report',
            title: t('slots.report'),
            render: ({ report }) =>
              report === null ? (
                '–'
              ) : (
                <Button variant="quiet" icon="reports" onPress={() => navigate('reports', report)}>
                  {t('slots.openReport')}
                </Button>
              ),
          },
        ]}
      />
    </Card>
  )
}
