// Tells screen readers, and whoever wants sounds, what happened to the jobs. Seldom: changes of state and quarters only.
import { useEffect, useState } from 'react'
import { type Announcement, announcements } from '../store/announce.ts'
import { useStore } from '../store/station.ts'
import type { Translate } from '../text/translate.ts'
import { useText } from '../text/use-text.tsx'
import { beep } from './sound.ts'

export function LiveRegion() {
  const t = useText()
  const [polite, setPolite] = useState('')
  const [assertive, setAssertive] = useState('')
  useEffect(
    () =>
      useStore.subscribe(({ station }, { station: before }) => {
        if (!station || !before || station.batches === before.batches) return
        const news = announcements(before.batches, station.batches)
        const say = (tone: Announcement['tone']): string =>
          news
            .filter((one) => one.tone === tone)
            .map((one) => wordsOf(one, t))
            .join('\n')
        if (news.some(({ tone }) => tone === 'polite')) setPolite(say('polite'))
        if (news.some(({ tone }) => tone === 'assertive')) setAssertive(say('assertive'))
        if (station.settings.sounds) soundOf(news)
      }),
    [t],
  )
  return (
    <div className="visually-hidden">
      <div role="status" aria-live="polite">
        {polite}
      </div>
      <div role="alert" aria-live="assertive">
        {assertive}
      </div>
    </div>
  )
}

function wordsOf(news: Announcement, t: Translate): string {
  if (news.type === 'asks') return t('live.asks')
  const unit = news.job.title
  switch (news.type) {
    case 'state':
      return t('live.state', { unit, state: t(`state.${news.job.state}`) })
    case 'progress':
      return t('live.progress', { unit, percent: news.percent })
    case 'failed':
      return t('live.failed', { unit, cause: t(`cause.${news.job.diagnosis?.cause ?? 'other'}.stopped`) })
  }
}

function soundOf(news: readonly Announcement[]): void {
  if (news.some(({ tone }) => tone === 'assertive')) beep('needs-you')
  else if (news.some((one) => one.type === 'state' && one.job.state === 'verified')) beep('verified')
}
