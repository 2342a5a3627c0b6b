// Who works here and how: name in certificates, sounds, assistive technology.
import { useState } from 'react'
import { Button, Card, ProblemBox, Switch, TextField } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { useText } from '#renderer/text/use-text.tsx'

export function Work() {
  const t = useText()
  const sounds = useStation((station) => station.settings.sounds)
  const assistive = useStation((station) => station.settings.assistive)
  const change = useCall('settings.change')
  return (
    <Card title={t('settings.work')}>
      <Operator />
      <Switch
        label={t('settings.sounds')}
        description={t('settings.soundsText')}
        isSelected={sounds}
        onChange={(wanted) => void change.run({ sounds: wanted })}
      />
      <Switch
        label={t('settings.assistive')}
        description={t('settings.assistiveText')}
        isSelected={assistive}
        onChange={(wanted) => void change.run({ assistive: wanted })}
      />
      {change.problem && <ProblemBox problem={change.problem} />}
    </Card>
  )
}

const LONGEST_NAME = 100

function Operator() {
  const t = useText()
  const operator = useStation((station) => station.settings.operator)
  const [draft, setDraft] = useState<string | null>(null)
  const [saved, setSaved] = useState(false)
  const change = useCall('settings.change')
  const name = (draft ?? operator).trim()
  const changed = name !== operator
  const save = async (): Promise<void> => {
    if (!changed || !(await change.run({ operator: name }))) return
    setDraft(null)
    setSaved(true)
  }
  return (
    <div className="settings-line">
      <TextField
        label={t('settings.operator')}
        description={t('settings.operatorText')}
        value={draft ?? operator}
        onChange={(typed) => {
          setSaved(false)
          setDraft(typed)
        }}
        maxLength={LONGEST_NAME}
        onEnter={() => void save()}
      />
      <div className="actions">
        <Button isDisabled={!changed || change.busy} onPress={() => void save()}>
          {t('action.save')}
        </Button>
        <span role="status">{saved && t('settings.operatorSaved')}</span>
      </div>
      {change.problem && <ProblemBox problem={change.problem} />}
    </div>
  )
}
