// Settings: kept by the host, so that every window has the same. Each change holds at once; there is nothing to apply.
import { Screen } from '#renderer/components/index.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { Appearance } from './appearance.tsx'
import { NeverTouch } from './never-touch.tsx'
import './settings.css'
import { Work } from './work.tsx'

export default function SettingsScreen() {
  const t = useText()
  return (
    <Screen title={t('settings.title')} description={t('settings.description')}>
      <div className="settings-columns">
        <Appearance />
        <Work />
        <NeverTouch />
      </div>
    </Screen>
  )
}
