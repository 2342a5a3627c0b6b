// Step 4 of Provision: the files of /config, from a draft that was opened under Config & restore, or none. For
// one unit, chosen by hand for it: another unit needs another choice.
import type { ConfigDraftView } from '#contract/views.ts'
import { Button, Notice, RadioGroup, shortName } from '#renderer/components/index.ts'
import { navigate } from '#renderer/store/ui.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { useDraft } from '../config/draft-store.ts'
import { changeWish, useBench, useProvision } from './provision-store.ts'

export function ConfigStep() {
  const t = useText()
  const { wish } = useProvision()
  const draft = useDraft((state) => state.draft)
  const { units } = useBench()
  const mistakes = draft?.problems.length ?? 0
  const chosen = wish.config !== null && wish.config.unit === units[0]?.key && units.length === 1
  const choose = (choice: string): void =>
    changeWish({
      config: choice === 'draft' && draft && units.length === 1 ? { draft: draft.draft, unit: units[0].key } : null,
    })
  const obstacle = (): string | undefined => {
    if (units.length !== 1) return t('provision.configOneUnit', { count: units.length })
    return mistakes > 0 ? t('provision.configMistakes', { count: mistakes }) : undefined
  }
  const nameOf = ({ from, files }: ConfigDraftView): string => {
    const name = t('provision.configDraft', { from, count: files.length })
    return units.length === 1 ? t('provision.configFor', { draft: name, unit: shortName(units[0]) }) : name
  }
  return (
    <>
      <RadioGroup
        label={t('provision.configLabel')}
        value={wish.config === null ? 'none' : chosen ? 'draft' : null}
        options={[
          { id: 'none', label: t('provision.configNone'), description: t('provision.configNoneHint') },
          ...(draft === null
            ? []
            : [
                {
                  id: 'draft' as const,
                  label: nameOf(draft),
                  description: obstacle(),
                  isDisabled: obstacle() !== undefined,
                },
              ]),
        ]}
        onChange={choose}
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
