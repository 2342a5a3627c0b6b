// Disks that are never offered, counted, each with its reason.
import type { HiddenDisk } from '#contract/views.ts'
import { Bytes, Code, Disclosure, ProblemLine } from '#renderer/components/index.ts'
import { useText } from '#renderer/text/use-text.tsx'

export function HiddenDisks({ disks }: { readonly disks: readonly HiddenDisk[] }) {
  const t = useText()
  if (disks.length === 0) return null
  return (
    <Disclosure level={2} title={t('bench.hidden', { count: disks.length })}>
      <p className="quiet">{t('bench.hiddenWhy')}</p>
      <ul className="hidden-disks">
        {disks.map(({ name, size, reason }) => (
          <li key={name}>
            <bdi>{name}</bdi> <Bytes value={size} />
            <ProblemLine problem={reason} />
            <Code>{reason.code}</Code>
          </li>
        ))}
      </ul>
    </Disclosure>
  )
}
