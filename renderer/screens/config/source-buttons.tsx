// Where a draft comes from: a folder that the host offers, or the /config of a unit on the bench.
import { useState } from 'react'
import type { FileChoice } from '#contract/console.ts'
import type { Problem, Token, UnitView } from '#contract/views.ts'
import { Button, Dialog, MenuButton, ProblemBox, shortName } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { summaryLine } from '#renderer/text/sentences.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { configSources } from './draft-rules.ts'
import { openDraft } from './draft-store.ts'

export interface SourceButtonsProps {
  /** Comes first in the list. */
  readonly preferred: UnitView | null
  readonly isDisabled: boolean
}

export function SourceButtons({ preferred, isDisabled }: SourceButtonsProps) {
  const speech = useTexts()
  const { t } = speech
  const units = useStation(({ bench }) => bench.units)
  const choose = useCall('file.choose')
  const open = useCall('config.open')
  const [choices, setChoices] = useState<readonly FileChoice[] | null>(null)
  const sources = configSources(units, preferred)

  const take = async (file: Token | null, unit: Token | null): Promise<void> => {
    setChoices(null)
    const draft = await open.run({ file, unit })
    if (draft !== null) openDraft(draft)
  }
  const ask = async (): Promise<void> => {
    const answer = await choose.run({ purpose: 'config-folder' })
    if (answer === null) return
    if (answer.choices.length === 1) await take(answer.choices[0].file, null)
    else setChoices(answer.choices)
  }
  const problem = choose.problem ?? open.problem
  const busy = choose.busy || open.busy
  return (
    <>
      <Button icon="file" isDisabled={isDisabled || busy} onPress={() => void ask()}>
        {t('config.openFolder')}
      </Button>
      <MenuButton
        label={t('config.openUnit')}
        icon="disk"
        isDisabled={isDisabled || busy || sources.length === 0}
        items={sources.map((unit) => ({
          id: unit.key,
          label: t('config.unitOption', { name: shortName(unit) }),
          description: summaryLine(unit, speech),
          onAction: () => void take(null, unit.token),
        }))}
      />
      {choices !== null && (
        <FolderDialog choices={choices} onChoose={(file) => void take(file, null)} onClose={() => setChoices(null)} />
      )}
      {problem && <FailedDialog problem={problem} onClose={problem === choose.problem ? choose.clear : open.clear} />}
    </>
  )
}

interface FolderDialogProps {
  readonly choices: readonly FileChoice[]
  onChoose(file: Token): void
  onClose(): void
}

function FolderDialog({ choices, onChoose, onClose }: FolderDialogProps) {
  const t = useText()
  return (
    <Dialog isOpen title={t('config.chooseFolder')} onClose={onClose}>
      {choices.length === 0 ? (
        <p>{t('config.noFolder')}</p>
      ) : (
        <ul className="folder-list">
          {choices.map(({ file, name }) => (
            <li key={file}>
              <Button variant="quiet" icon="file" onPress={() => onChoose(file)}>
                <bdi>{name}</bdi>
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}

function FailedDialog({ problem, onClose }: { readonly problem: Problem; onClose(): void }) {
  const t = useText()
  return (
    <Dialog isOpen title={t('config.notOpened')} onClose={onClose}>
      <ProblemBox problem={problem} />
    </Dialog>
  )
}
