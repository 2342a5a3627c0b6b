// Step 4 of Provision: the files of /config, from a draft that was opened under Config & restore, or none.
import { Button, Notice, RadioGroup } from '../../components/index.ts'
import { navigate } from '../../store/ui.ts'
import { useText } from '../../text/use-text.tsx'
import { useDraft } from '../config/draft-store.ts'
import { changeWish, useProvision } from './provision-store.ts'

export function ConfigStep() {
  const t = useText()
  const { wish } = useProvision()
  const draft = useDraft((state) => state.draft)
  const mistakes = draft?.problems.length ?? 0
  return (
    <>
      <RadioGroup
        label={t('provision.configLabel')}
        value={wish.withConfig ? 'draft' : 'none'}
        options={[
          { id: 'none', label: t('provision.configNone'), description: t('provision.configNoneHint') },
          ...(draft === null
            ? []
            : [
                {
                  id: 'draft' as const,
                  label: t('provision.configDraft', { from: draft.from, count: draft.files.length }),
                  description: mistakes > 0 ? t('provision.configMistakes', { count: mistakes }) : undefined,
                  isDisabled: mistakes > 0,
                },
              ]),
        ]}
        onChange={(choice) => changeWish({ withConfig: choice === 'draft' })}
      />
      {draft === null && <Notice tone="info">{t('provision.configHow')}</Notice>}
      <p>
        <Button variant="quiet" icon="config" onPress={() => navigate('config')}>
          {t('provision.toConfig')}
        </Button>
      </p>
    </>
  )
}
