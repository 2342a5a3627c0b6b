// Diagnostics: is this station fit for work, and what to hand over to whoever helps. Neither touches a unit.
import { Card, Facts, Screen } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { useText } from '#renderer/text/use-text.tsx'
import './diagnostics.css'
import { SelfTest } from './self-test.tsx'
import { SupportBundle } from './support-bundle.tsx'

export default function DiagnosticsScreen() {
  const t = useText()
  const version = useStation((station) => station.version)
  const host = useStation((station) => station.host)
  const platform = useStation((station) => station.platform)
  return (
    <Screen title={t('diagnostics.title')} description={t('diagnostics.description')}>
      <SelfTest />
      <SupportBundle />
      <Card title={t('diagnostics.station')}>
        <Facts
          rows={[
            [t('diagnostics.version'), <bdi key="v">{version}</bdi>],
            [t('diagnostics.host'), t(`diagnostics.host.${host}`)],
            [t('diagnostics.platform'), <bdi key="p">{platform}</bdi>],
          ]}
        />
      </Card>
    </Screen>
  )
}
