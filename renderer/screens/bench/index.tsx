// Bench: every unit that is plugged in, and what to do with it.
import { Screen } from '../../components/index.ts'
import { useStation } from '../../store/station.ts'
import { useText } from '../../text/use-text.tsx'

export default function BenchScreen() {
  const t = useText()
  const units = useStation(({ bench }) => bench.units)
  return (
    <Screen title={t('bench.title')} description={t('bench.description', { count: units.length })}>
      {null}
    </Screen>
  )
}
