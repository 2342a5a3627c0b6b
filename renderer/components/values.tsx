// Values as people read them: sizes, times, serial numbers, fingerprints. What is printed on hardware stays left to right.
import { useSyncExternalStore } from 'react'
import { bytesText, relativeText, timeText } from '../text/numbers.ts'
import { useTexts } from '../text/use-text.tsx'

/** Decimal units, as printed on drives; the exact number as a hint. */
export function Bytes({ value }: { readonly value: number }) {
  const { locale } = useTexts()
  return <bdi title={`${new Intl.NumberFormat(locale).format(value)} B`}>{bytesText(value, locale)}</bdi>
}

const MINUTE_MS = 60_000
const everyMinute = (changed: () => void): (() => void) => {
  const timer = setInterval(changed, MINUTE_MS)
  return () => clearInterval(timer)
}
/** The current minute: a component that shows ages is drawn anew when it changes. */
export const useMinute = (): number =>
  useSyncExternalStore(everyMinute, () => Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS)

/** Time with zone, age in brackets. */
export function Time({ at, relative = true }: { readonly at: string | null; readonly relative?: boolean }) {
  const { locale, t } = useTexts()
  useMinute()
  if (at === null) return <span>{t('time.never')}</span>
  const [time, now] = [new Date(at), new Date()]
  const text = timeText(time, now, locale)
  return (
    <time dateTime={at}>
      {relative ? t('time.withRelative', { time: text, relative: relativeText(time, now, locale) }) : text}
    </time>
  )
}

const LAST = 6

/** The last six characters bold: that is what people compare. */
export function Serial({ value }: { readonly value: string | null }) {
  const { t } = useTexts()
  if (value === null || value === '') return <span className="quiet">{t('serial.none')}</span>
  return (
    <bdi dir="ltr" className="serial">
      {value.slice(0, -LAST)}
      <b>{value.slice(-LAST)}</b>
    </bdi>
  )
}

/** What people call the unit: the end of its serial number, else the name of its file. */
export const shortName = (unit: { readonly serial: string | null; readonly path: string }): string =>
  unit.serial ? unit.serial.slice(-LAST) : (unit.path.split(/[/\\]/).at(-1) ?? unit.path)

/** Ten groups of four. */
export function Fingerprint({ value }: { readonly value: string }) {
  const { t } = useTexts()
  const groups = value.match(/.{1,4}/g) ?? []
  return (
    <bdi dir="ltr" className="fingerprint" role="img" aria-label={t('fingerprint.label', { value: groups.join(' ') })}>
      {groups.map((group, index) => (
        <span key={index}>{group}</span>
      ))}
    </bdi>
  )
}

/** Paths, digests, codes. */
export const Code = ({ children }: { readonly children: string }) => (
  <bdi dir="ltr" className="code">
    {children}
  </bdi>
)
