// Two whole partition tables of one disk that contradict each other: both stand side by side with what keeping each would lose.
// None is chosen for the person; the choice is planned and confirmed like every write.
import type { PartitionView, TableSideView, UnitView } from '#contract/views.ts'
import { Button, Card, ProblemList } from '#renderer/components/index.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { usePlanned } from '../confirm/use-planned.tsx'

const SIDES = ['primary', 'backup'] as const

export function TableChoice({ unit, isDisabled }: { readonly unit: UnitView; readonly isDisabled: boolean }) {
  const t = useText()
  const { busy, plan, dialogs } = usePlanned('plan.repair')
  const { tableSides } = unit
  if (tableSides === null) return null
  return (
    <Card title={t('table.title')}>
      <p>{t('table.text')}</p>
      <div className="table-sides">
        {SIDES.map((side) => (
          <Side
            key={side}
            name={t(`table.side.${side}`)}
            side={tableSides[side]}
            action={t(`table.keep.${side}`)}
            isDisabled={isDisabled || busy}
            onKeep={() =>
              void plan(t(`table.keep.${side}`), {
                unit: unit.token,
                repair: 'partition-table',
                image: null,
                keep: side,
              })
            }
          />
        ))}
      </div>
      {dialogs}
    </Card>
  )
}

interface SideProps {
  readonly name: string
  readonly side: TableSideView
  readonly action: string
  readonly isDisabled: boolean
  onKeep(): void
}

function Side({ name, side: { partitions, lost, against }, action, isDisabled, onKeep }: SideProps) {
  const t = useText()
  return (
    <section className="table-side" aria-label={name}>
      <h3>{name}</h3>
      <Partitions partitions={partitions} />
      {lost.length === 0 ? (
        <p>{t('table.lostNone')}</p>
      ) : (
        <>
          <p>
            <b>{t('table.lost')}</b>
          </p>
          <Partitions partitions={lost} />
        </>
      )}
      <ProblemList problems={against} tone="danger" />
      <Button isDisabled={isDisabled || against.length > 0} onPress={onKeep}>
        {action}
      </Button>
    </section>
  )
}

function Partitions({ partitions }: { readonly partitions: readonly PartitionView[] }) {
  const { t, locale } = useTexts()
  if (partitions.length === 0) return <p className="quiet">{t('table.empty')}</p>
  return (
    <ul>
      {partitions.map(({ number, name, size, offset }) => (
        <li key={number}>
          <bdi>
            {t('table.partition', {
              number,
              name: name || t('role.other'),
              size: bytesText(size, locale),
              offset: bytesText(offset, locale),
            })}
          </bdi>
        </li>
      ))}
    </ul>
  )
}
