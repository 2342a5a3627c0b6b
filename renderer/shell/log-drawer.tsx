// What happened since this window was opened, newest first.
import { IconButton } from '../components/button.tsx'
import { Code } from '../components/values.tsx'
import type { LogLine } from '../store/log.ts'
import { useStore } from '../store/station.ts'
import { useUi } from '../store/ui.ts'
import type { Translate } from '../text/translate.ts'
import { useTexts } from '../text/use-text.tsx'

export function LogDrawer() {
  const open = useUi(({ logOpen }) => logOpen)
  return open ? <OpenLog /> : null
}

function OpenLog() {
  const { t, locale } = useTexts()
  const log = useStore((state) => state.log)
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'medium', hour12: false })
  return (
    <section className="log" aria-label={t('log.title')}>
      <div className="log-head">
        <h2>{t('log.title')}</h2>
        <IconButton icon="close" label={t('action.close')} onPress={() => useUi.setState({ logOpen: false })} />
      </div>
      {log.length === 0 && <p className="quiet">{t('log.empty')}</p>}
      <ol>
        {log.toReversed().map((line, index) => (
          <li key={log.length - index}>
            <time dateTime={line.at.toISOString()}>{clock.format(line.at)}</time>
            <span>{wordsOf(line, t)}</span>
            {line.type === 'problem' && <Code>{line.code}</Code>}
          </li>
        ))}
      </ol>
    </section>
  )
}

function wordsOf(line: LogLine, t: Translate): string {
  switch (line.type) {
    case 'state':
      return t('log.state', { unit: line.unit, state: t(`state.${line.state}`) })
    case 'stage':
      return t('log.stage', { unit: line.unit, stage: t(`stage.${line.stage}`) })
    case 'problem':
      return t('log.problem', { unit: line.unit, message: t(`cause.${line.cause}.stopped`) })
    case 'bench':
      return t('log.bench', { count: line.count })
  }
}
