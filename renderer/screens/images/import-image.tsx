// Taking an image in. The desktop asks with its own dialog and answers one file; the browser offers what lies in the
// console's folder, and a person chooses: nothing is chosen beforehand.
import { useState } from 'react'
import type { FileChoice } from '#contract/console.ts'
import { Button, Dialog, Notice, ProblemBox, Progress, RadioGroup } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { useTexts } from '#renderer/text/use-text.tsx'

export function ImportImage() {
  const { t, locale } = useTexts()
  const desktop = useStation((station) => station.host === 'desktop')
  const choose = useCall('file.choose')
  const take = useCall('image.import')
  // Of what is not in the library yet.
  const check = useStation(({ checks, images, bench }) =>
    checks.find(
      ({ about }) => !images.some(({ token }) => token === about) && !bench.units.some(({ token }) => token === about),
    ),
  )
  const [open, setOpen] = useState(false)
  const [choices, setChoices] = useState<readonly FileChoice[]>([])
  const [chosen, setChosen] = useState<string | null>(null)

  const takeIn = async (file: string): Promise<void> => {
    if (await take.run({ file })) setOpen(false)
  }
  const start = async (): Promise<void> => {
    take.clear()
    setChosen(null)
    const answer = await choose.run({ purpose: 'image' })
    setChoices(answer?.choices ?? [])
    // Somebody closed the desktop's dialog: there is nothing to say.
    if (desktop && answer?.choices.length === 0) return
    setOpen(true)
    if (desktop && answer) await takeIn(answer.choices[0].file)
  }
  const problem = choose.problem ?? take.problem
  const close = (): void => {
    if (!take.busy) setOpen(false)
  }
  const footer = (
    <>
      <Button isDisabled={take.busy} onPress={close}>
        {t(desktop ? 'action.close' : 'action.cancel')}
      </Button>
      {!desktop && choices.length === 0 && (
        <Button isDisabled={choose.busy} onPress={() => void start()}>
          {t('action.retry')}
        </Button>
      )}
      {!desktop && choices.length > 0 && (
        <Button
          variant="primary"
          isDisabled={chosen === null || take.busy}
          onPress={() => chosen !== null && void takeIn(chosen)}
        >
          {t('images.importNow')}
        </Button>
      )}
    </>
  )
  return (
    <>
      <Button variant="primary" icon="add" isDisabled={choose.busy || take.busy} onPress={() => void start()}>
        {t('images.import')}
      </Button>
      <Dialog title={t('images.importTitle')} isOpen={open} onClose={close} footer={footer}>
        <p className="quiet">{t('images.importText')}</p>
        {!desktop && choices.length === 0 && !problem && <p>{t('images.importNone')}</p>}
        {!desktop && choices.length > 0 && (
          <RadioGroup
            label={t('images.importChoices')}
            value={chosen}
            onChange={setChosen}
            isDisabled={take.busy}
            options={choices.map(({ file, name, size }) => ({
              id: file,
              label: name,
              description: bytesText(size, locale),
            }))}
          />
        )}
        <div role="status" className="live-slot">
          {take.busy && <Notice tone="info">{t('images.importBusy')}</Notice>}
        </div>
        {take.busy && check && (
          <Progress label={t('images.importBusy')} done={check.doneBytes} total={check.totalBytes} remaining={null} />
        )}
        {problem && <ProblemBox problem={problem} />}
      </Dialog>
    </>
  )
}
