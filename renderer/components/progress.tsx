// Progress and throughput: each picture has its value in words.
import { Label, ProgressBar } from 'react-aria-components'
import { percentOf, rateText, remainingText } from '../text/numbers.ts'
import type { Translate } from '../text/translate.ts'
import { useTexts } from '../text/use-text.tsx'

export interface ProgressProps {
  readonly label: string
  readonly done: number
  readonly total: number
  /** Seconds; null while measuring. */
  readonly remaining: number | null
  /** Shows the label; it is always read out. */
  readonly withLabel?: boolean
}

export function Progress({ label, done, total, remaining, withLabel }: ProgressProps) {
  const { t } = useTexts()
  const percent = percentOf(done, total)
  const text = progressText(percent, remaining, t)
  return (
    <ProgressBar className="progress" value={percent} valueLabel={text} aria-label={withLabel ? undefined : label}>
      {withLabel && <Label>{label}</Label>}
      <progress className="progress-track" max={100} value={percent} aria-hidden="true" />
      <span className="progress-text" aria-hidden="true">
        {text}
      </span>
    </ProgressBar>
  )
}

function progressText(percent: number, remaining: number | null, t: Translate): string {
  if (percent === 100) return t('progress.percent', { percent })
  if (remaining === null) return t('progress.textMeasuring', { percent })
  return t('progress.text', { percent, remaining: remainingText(remaining, t) })
}

const [WIDTH, HEIGHT] = [120, 32]

export interface ThroughputProps {
  readonly values: readonly number[]
  /** Of a job that has ended: what it wrote and read per second over all; null while it runs. */
  readonly mean: number | null
}

/** Bytes per second over the last two minutes, one value a second. What has ended has no rate of now. */
export function ThroughputCurve({ values, mean }: ThroughputProps) {
  const { t, locale } = useTexts()
  if (values.length < 2 || mean === 0) return <p className="curve-none quiet">{t('curve.none')}</p>
  const [highest, lowest] = [Math.max(...values), Math.min(...values)]
  const now =
    mean === null ? rateText(values.at(-1) ?? 0, locale) : t('run.throughputMean', { rate: rateText(mean, locale) })
  const x = (index: number): number => WIDTH - (values.length - 1 - index)
  const y = (value: number): number => HEIGHT - 1 - (highest > 0 ? value / highest : 0) * (HEIGHT - 3)
  const line = values.map((value, index) => `${x(index)},${y(value).toFixed(1)}`).join(' ')
  const text = t('curve.text', { now, highest: rateText(highest, locale), lowest: rateText(lowest, locale) })
  return (
    <figure className="curve" dir="ltr">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${t('curve.title')}: ${text}`}
      >
        <polygon className="curve-area" points={`${x(0)},${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} />
        <polyline className="curve-line" points={line} />
      </svg>
      <figcaption>{now}</figcaption>
    </figure>
  )
}
