// How long it has been going on; only these digits are drawn anew each second.
import { useEffect, useState } from 'react'
import { elapsedText } from '#renderer/text/numbers.ts'
import { useText } from '#renderer/text/use-text.tsx'

export function Elapsed({ since, until = null }: { readonly since: string; readonly until?: string | null }) {
  const t = useText()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (until !== null) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [until])
  const end = until === null ? now : Date.parse(until)
  return (
    <small className="elapsed">{t('progress.elapsed', { time: elapsedText((end - Date.parse(since)) / 1000) })}</small>
  )
}
