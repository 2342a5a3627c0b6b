// What is known when the host does not answer, and what is not: since when the window is old, whether jobs go on, what to do.
import { Notice } from '../components/page.tsx'
import { useStore } from '../store/station.ts'
import { timeText } from '../text/numbers.ts'
import { useTexts } from '../text/use-text.tsx'

export function LineNotice() {
  const { t, locale } = useTexts()
  const link = useStore((state) => state.link)
  const heardAt = useStore((state) => state.heardAt)
  if (link === 'open') return null
  if (link === 'shut')
    return (
      <Notice tone="warning" title={t('app.shut')}>
        {t('app.shutHow')}
      </Notice>
    )
  const which = link === 'connecting' ? 'lost' : link
  const time = heardAt === null ? '–' : timeText(new Date(heardAt), new Date(heardAt), locale)
  return (
    <Notice tone="warning" title={t(`line.${which}`, { time })}>
      {t(`line.${which}Text`)}
    </Notice>
  )
}
