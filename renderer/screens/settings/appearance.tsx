// Language, with its direction, and theme.
import type { SettingsView } from '#contract/views.ts'
import { Card, ProblemBox, RadioGroup, Select } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { useText } from '#renderer/text/use-text.tsx'

/** Each language by its own name: whoever cannot read the current one must find theirs. */
const LANGUAGES: readonly { readonly id: Exclude<SettingsView['language'], 'system'>; readonly label: string }[] = [
  { id: 'en', label: 'English' },
  { id: 'de', label: 'Deutsch' },
  { id: 'fr', label: 'Français' },
  { id: 'es', label: 'Español' },
  { id: 'ar', label: 'العربية' },
]

const THEMES = ['system', 'light', 'dark'] as const

export function Appearance() {
  const t = useText()
  const language = useStation((station) => station.settings.language)
  const theme = useStation((station) => station.settings.theme)
  const change = useCall('settings.change')
  return (
    <Card title={t('settings.appearance')}>
      <Select
        label={t('settings.language')}
        value={language}
        onChange={(wanted) => void change.run({ language: wanted })}
        options={[{ id: 'system', label: t('settings.languageSystem') }, ...LANGUAGES]}
      />
      <RadioGroup
        label={t('settings.theme')}
        value={theme}
        onChange={(wanted) => void change.run({ theme: wanted })}
        options={THEMES.map((id) => ({ id, label: t(`settings.theme.${id}`) }))}
      />
      <p className="quiet">{t('settings.followsSystem')}</p>
      {change.problem && <ProblemBox problem={change.problem} />}
    </Card>
  )
}
