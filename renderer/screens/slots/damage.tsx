// What is wrong with the boot environment, each finding with the one repair that helps and was planned already, or why none is offered. One repair at a time; what it
// changes is kept as a backup.
import { useState } from 'react'
import type { Problem, RecoveryView, RepairKind, UnitView } from '#contract/views.ts'
import { Button, Card, Code, Dialog, Icon, Notice, ProblemList, Select } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { navigate } from '#renderer/store/ui.ts'
import { problemText } from '#renderer/text/problem-text.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { usePlanned } from '../confirm/use-planned.tsx'
import { needsImage, repairImages } from './slots-state.ts'

export interface DamageProps {
  readonly unit: UnitView
  readonly recovery: RecoveryView
  readonly isDisabled: boolean
}

export function Damage({ unit, recovery: { damage }, isDisabled }: DamageProps) {
  const t = useText()
  const { busy, plan, dialogs } = usePlanned('plan.repair')
  const [asking, setAsking] = useState<RepairKind | null>(null)
  const repair = (kind: RepairKind, image: string | null): void =>
    void plan(t(`slots.repair.${kind}`), { unit: unit.token, repair: kind, image })
  return (
    <Card title={t('verb.repairBoot')}>
      {damage.length === 0 ? (
        <Notice tone="ok">{t('slots.noDamage')}</Notice>
      ) : (
        <>
          <p className="quiet">{t('slots.damageHint')}</p>
          <ul className="damage-list">
            {damage.map((found) => (
              <li key={`${found.code} ${found.message}`}>
                <Icon name="needs-you" />
                <div className="damage-text">
                  {found.repair && <b>{t(`slots.damage.${found.repair}`)}</b>}
                  <Said problem={found} part="message" />
                  <Code>{found.code}</Code>
                  {found.against.length > 0 && (
                    <>
                      <p>{t('slots.repairRefused')}</p>
                      <ProblemList problems={found.against} tone="warning" />
                    </>
                  )}
                </div>
                {found.repair ? (
                  <RepairButton
                    kind={found.repair}
                    isDisabled={isDisabled || busy}
                    onPress={(kind) => (needsImage(kind) ? setAsking(kind) : repair(kind, null))}
                  />
                ) : (
                  found.against.length === 0 && <Said problem={found} part="remedy" />
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {asking && (
        <ImageDialog
          kind={asking}
          onClose={() => setAsking(null)}
          onChoose={(image) => {
            setAsking(null)
            repair(asking, image)
          }}
        />
      )}
      {dialogs}
    </Card>
  )
}

/** In the page's language where there is a sentence for it, else in English. */
function Said({ problem, part }: { readonly problem: Problem; readonly part: 'message' | 'remedy' }) {
  const { [part]: text, lang, dir } = problemText(problem, useTexts())
  return (
    <p lang={lang} dir={dir} className={part === 'remedy' ? 'quiet' : undefined}>
      {text}
    </p>
  )
}

interface RepairButtonProps {
  readonly kind: RepairKind
  readonly isDisabled: boolean
  onPress(kind: RepairKind): void
}

function RepairButton({ kind, isDisabled, onPress }: RepairButtonProps) {
  const t = useText()
  return (
    <Button isDisabled={isDisabled} onPress={() => onPress(kind)}>
      {t(`slots.repair.${kind}`)}
    </Button>
  )
}

interface ImageDialogProps {
  readonly kind: RepairKind
  onChoose(image: string): void
  onClose(): void
}

/** The repair needs a release; none is chosen for the person. */
function ImageDialog({ kind, onChoose, onClose }: ImageDialogProps) {
  const t = useText()
  const all = useStation(({ images }) => images)
  const images = repairImages(kind, all)
  const [image, setImage] = useState<string | null>(null)
  return (
    <Dialog
      isOpen
      title={t(`slots.repair.${kind}`)}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button variant="primary" isDisabled={image === null} onPress={() => image !== null && onChoose(image)}>
            {t('action.continue')}
          </Button>
        </>
      }
    >
      <p>{t(kind === 'boot-loader' ? 'slots.imageForLoader' : 'slots.imageForRecord')}</p>
      {images.length === 0 ? (
        <Notice tone="warning" actions={<Button onPress={() => navigate('images')}>{t('nav.images')}</Button>}>
          {t('slots.noImage')}
        </Notice>
      ) : (
        <Select
          label={t('slots.image')}
          value={image}
          options={images.map(({ token, name }) => ({ id: token, label: name }))}
          onChange={setImage}
        />
      )}
    </Dialog>
  )
}
