// Config & restore: a folder or a unit's /config is opened as a draft, edited and judged, and replaces the /config of a unit.
import { useState } from 'react'
import type { ConfigDraftView } from '#contract/views.ts'
import { Button, EmptyState, Screen } from '#renderer/components/index.ts'
import type { ScreenComponentProps } from '#renderer/shell/screens.tsx'
import { useUnit } from '#renderer/store/station.ts'
import { navigate, useUi } from '#renderer/store/ui.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { changeMode, changeWish } from '../provision/provision-store.ts'
import { useDraft } from './draft-store.ts'
import { Editor } from './editor.tsx'
import { FileList } from './file-list.tsx'
import { ProblemTable } from './problem-table.tsx'
import { RestorePanel } from './restore-panel.tsx'
import { SourceButtons } from './source-buttons.tsx'
import './config.css'

/** Why a draft cannot be chosen for the selected units. */
const obstacleToUse = ({ problems }: ConfigDraftView, units: number) =>
  units !== 1 ? 'config.toProvisionOne' : problems.length > 0 ? 'config.toProvisionMistakes' : null

/** `#/config/<key of a unit>`: the unit to restore onto, and whose /config is offered first. */
export default function ConfigScreen({ about }: ScreenComponentProps) {
  const t = useText()
  const unit = useUnit(about)
  const { draft, file } = useDraft()
  const chosen = useUi(({ selection }) => selection)
  const why = draft === null ? null : obstacleToUse(draft, chosen.size)
  const use = (): void => {
    const [key] = chosen
    if (draft === null || key === undefined) return
    changeMode('provision')
    changeWish({ config: { draft: draft.draft, unit: key } })
    navigate('provision')
  }
  const [unsaved, setUnsaved] = useState(false)
  const shown = draft?.files.find(({ path }) => path === file) ?? null
  return (
    <Screen
      title={t('nav.config')}
      description={draft ? t('config.from', { from: draft.from }) : t('config.description')}
      actions={<SourceButtons preferred={unit} isDisabled={unsaved} />}
    >
      {draft === null ? (
        <EmptyState icon="config" title={t('config.none')}>
          <p>{t('config.noneText')}</p>
        </EmptyState>
      ) : (
        <>
          <div className="config-parts">
            <FileList draft={draft} open={file} isDisabled={unsaved} />
            {shown ? (
              <Editor key={`${draft.draft} ${shown.path}`} draft={draft} file={shown} onUnsaved={setUnsaved} />
            ) : (
              <p className="quiet">{t('config.chooseFile')}</p>
            )}
          </div>
          <ProblemTable draft={draft} isDisabled={unsaved} />
          {chosen.size > 0 && (
            <p className="actions">
              <Button icon="arrow" isDisabled={why !== null || unsaved} onPress={use}>
                {t('config.toProvision', { count: chosen.size })}
              </Button>
              {why && <span className="quiet">{t(why)}</span>}
            </p>
          )}
          <RestorePanel draft={draft} unsaved={unsaved} preferred={unit} />
        </>
      )}
    </Screen>
  )
}
