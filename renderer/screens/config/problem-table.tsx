// What is wrong with the draft: file, line and sentence; each leads to its line.
import type { ConfigDraftView } from '#contract/views.ts'
import { Button, Card, Code, Icon, Notice, ProblemLine } from '#renderer/components/index.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { sortedProblems } from './draft-rules.ts'
import { openFile } from './draft-store.ts'
import { jumpTo } from './jump.ts'

export interface ProblemTableProps {
  readonly draft: ConfigDraftView
  readonly isDisabled: boolean
}

export function ProblemTable({ draft, isDisabled }: ProblemTableProps) {
  const t = useText()
  const problems = sortedProblems(draft)
  return (
    <Card title={t('config.validation')}>
      <p role="status" className={problems.length === 0 ? 'visually-hidden' : 'quiet'}>
        {t('config.mistakes', { count: problems.length })}
      </p>
      {problems.length === 0 ? (
        <Notice tone="ok">{t('config.valid')}</Notice>
      ) : (
        <ul className="mistake-list">
          {problems.map(({ file, line, ...problem }) => (
            <li key={`${file} ${line} ${problem.code} ${problem.message}`}>
              <Icon name="failed" size={18} />
              <Button
                variant="quiet"
                isDisabled={isDisabled}
                onPress={() => {
                  openFile(file)
                  jumpTo(file, line ?? 1)
                }}
              >
                {line === null ? <bdi dir="ltr">{file}</bdi> : t('config.fileLine', { file, line })}
              </Button>
              <ProblemLine problem={problem} /> <Code>{problem.code}</Code>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
