// The self-test: what was tested, how it ended in icon and word, and what was found.
import { useState } from 'react'
import type { SelfTestRow, SelfTestText } from '#contract/views.ts'
import {
  Button,
  Card,
  DataTable,
  Icon,
  type IconName,
  Notice,
  ProblemBox,
  ProblemLine,
} from '#renderer/components/index.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { selfTestLine } from '#renderer/text/sentences.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { countStates, worstFirst } from './diagnostics-rules.ts'

export function SelfTest() {
  const t = useText()
  const test = useCall('diagnostics.self-test')
  const [rows, setRows] = useState<readonly SelfTestRow[] | null>(null)
  const run = async (): Promise<void> => {
    const answer = await test.run({})
    if (answer !== null) setRows(answer)
  }
  return (
    <Card title={t('diagnostics.selfTest')}>
      <p className="quiet">{t('diagnostics.selfTestText')}</p>
      <div className="actions">
        <Button variant="primary" isDisabled={test.busy} onPress={() => void run()}>
          {t(rows === null ? 'diagnostics.run' : 'diagnostics.runAgain')}
        </Button>
      </div>
      <div role="status" className="live-slot">
        {test.busy && <p>{t('diagnostics.running')}</p>}
        {rows !== null && !test.busy && <Summary rows={rows} />}
      </div>
      {test.problem && <ProblemBox problem={test.problem} />}
      {rows !== null && <Results rows={worstFirst(rows)} />}
    </Card>
  )
}

function Summary({ rows }: { readonly rows: readonly SelfTestRow[] }) {
  const t = useText()
  const counts = countStates(rows)
  if (counts.failed + counts.warning === 0) return <Notice tone="ok">{t('diagnostics.summaryOk')}</Notice>
  const { ok, failed, warning: warnings } = counts
  return <Notice tone={failed > 0 ? 'danger' : 'warning'}>{t('diagnostics.summary', { ok, failed, warnings })}</Notice>
}

const STATE_LOOK: Readonly<Record<SelfTestRow['state'], readonly [icon: IconName, look: string]>> = {
  ok: ['good', 'state-verified'],
  warning: ['needs-you', 'state-needs-you'],
  failed: ['failed', 'state-failed'],
}

function Found({ text }: { readonly text: SelfTestText }) {
  const speech = useTexts()
  if (text.kind !== 'problem') return <bdi>{selfTestLine(text, new Date(), speech)}</bdi>
  return <ProblemLine problem={text.problem} />
}

function Results({ rows }: { readonly rows: readonly SelfTestRow[] }) {
  const t = useText()
  return (
    <DataTable
      label={t('diagnostics.results')}
      rows={rows}
      keyOf={({ name }) => name}
      columns={[
        {
          id: 'state',
          title: t('diagnostics.state'),
          render: ({ state }) => (
            <span className={`state ${STATE_LOOK[state][1]}`}>
              <Icon name={STATE_LOOK[state][0]} />
              {t(`diagnostics.state.${state}`)}
            </span>
          ),
        },
        {
          id: 'name',
          title: t('diagnostics.what'),
          rowHeader: true,
          render: ({ name }) => t(`diagnostics.test.${name}`),
        },
        {
          id: 'text',
          title: t('diagnostics.found'),
          render: ({ found }) =>
            found.map((text, index) => (
              <span key={index}>
                <Found text={text} />{' '}
              </span>
            )),
        },
      ]}
    />
  )
}
