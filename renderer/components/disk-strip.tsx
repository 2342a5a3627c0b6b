// The disk to scale: partitions as parts of one strip, gaps included, with a legend. Small parts keep a visible minimum width;
// the sizes are in the legend and in the text alternative.
import type { PartitionView } from '#contract/views.ts'
import { bytesText } from '../text/numbers.ts'
import { useTexts } from '../text/use-text.tsx'
import { type DiskPart, partsOfDisk } from './disk-parts.ts'
import { Bytes } from './values.tsx'

export interface DiskStripProps {
  /** "Disk now", "Disk afterwards". */
  readonly title: string
  readonly partitions: readonly PartitionView[]
  /** Bytes of the whole disk. */
  readonly size: number
}

export function DiskStrip({ title, partitions, size }: DiskStripProps) {
  const { t, locale } = useTexts()
  const parts = partsOfDisk(partitions, size)
  const nameOf = (part: DiskPart): string => (part.role === 'other' && part.name ? part.name : t(`role.${part.role}`))
  const list = new Intl.ListFormat(locale, { type: 'unit' })
  const words = parts.map((part) => `${nameOf(part)} ${bytesText(part.size, locale)}`)
  const text = partitions.length === 0 ? t('disk.empty', { size: bytesText(size, locale) }) : list.format(words)
  return (
    <figure className="disk-strip">
      <figcaption>
        {title} <Bytes value={size} />
      </figcaption>
      <div className="disk-bar" role="img" aria-label={t('disk.strip', { title, parts: text })}>
        {parts.map((part) => (
          <span key={part.key} className={`disk-part role-${part.role}`} style={{ flexGrow: part.size / size }} />
        ))}
      </div>
      <ul className="disk-legend" aria-hidden="true">
        {parts.map((part) => (
          <li key={part.key}>
            <span className={`disk-swatch role-${part.role}`} />
            {nameOf(part)} <Bytes value={part.size} />
            {part.holds && <bdi className="quiet"> {part.holds}</bdi>}
          </li>
        ))}
      </ul>
    </figure>
  )
}
