// Virtual disks for the bench: a new one, or an image file that is there already.
import { useState } from 'react'
import type { FileChoice } from '#contract/console.ts'
import { Button, Dialog, MenuButton, ProblemBox, RadioGroup, Select, TextField } from '#renderer/components/index.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { useTexts } from '#renderer/text/use-text.tsx'
import { isVirtualName, VIRTUAL_SIZES } from './bench-rules.ts'

export function AddDisk() {
  const { t } = useTexts()
  const [open, setOpen] = useState<'new' | 'file' | null>(null)
  const [choices, setChoices] = useState<readonly FileChoice[]>([])
  const choose = useCall('file.choose')
  const add = useCall('bench.add-file')
  const chooseFile = async (): Promise<void> => {
    const answer = await choose.run({ purpose: 'virtual-disk' })
    setChoices(answer?.choices ?? [])
    // The desktop has asked already, and its answer is one file; the browser offers a list.
    if (answer?.choices.length === 1 && (await add.run({ file: answer.choices[0].file }))) return
    setOpen('file')
  }
  const close = (): void => setOpen(null)
  return (
    <>
      <MenuButton
        label={t('bench.add')}
        icon="add"
        items={[
          { id: 'new', label: t('bench.addNew'), onAction: () => setOpen('new') },
          { id: 'file', label: t('bench.addFile'), onAction: () => void chooseFile() },
        ]}
      />
      {open === 'new' && <NewDisk onClose={close} />}
      {open === 'file' && (
        <ChooseFile
          choices={choices}
          problem={choose.problem ?? add.problem}
          onClose={close}
          onChoose={async (file) => (await add.run({ file })) && close()}
        />
      )}
    </>
  )
}

function NewDisk({ onClose }: { onClose(): void }) {
  const { t, locale } = useTexts()
  const [name, setName] = useState('practice')
  const [size, setSize] = useState<string>(String(VIRTUAL_SIZES[0]))
  const create = useCall('bench.create-virtual')
  const good = isVirtualName(name)
  const submit = async (): Promise<void> => {
    if (good && (await create.run({ name: name.trim(), size: Number(size) }))) onClose()
  }
  const footer = (
    <>
      <Button onPress={onClose}>{t('action.cancel')}</Button>
      <Button variant="primary" isDisabled={!good || create.busy} onPress={submit}>
        {t('bench.addCreate')}
      </Button>
    </>
  )
  return (
    <Dialog title={t('bench.addTitle')} isOpen onClose={onClose} footer={footer}>
      <p className="quiet">{t('bench.addText')}</p>
      <TextField
        label={t('bench.addName')}
        value={name}
        onChange={setName}
        error={good ? null : t('bench.addNameWrong')}
        maxLength={60}
        autoFocus
        onEnter={() => void submit()}
      />
      <Select
        label={t('bench.addSize')}
        value={size}
        onChange={setSize}
        options={VIRTUAL_SIZES.map((bytes) => ({ id: String(bytes), label: bytesText(bytes, locale) }))}
      />
      {create.problem && <ProblemBox problem={create.problem} />}
    </Dialog>
  )
}

interface ChooseFileProps {
  readonly choices: readonly FileChoice[]
  readonly problem: Parameters<typeof ProblemBox>[0]['problem'] | null
  onClose(): void
  onChoose(file: string): void
}

function ChooseFile({ choices, problem, onClose, onChoose }: ChooseFileProps) {
  const { t, locale } = useTexts()
  const [chosen, setChosen] = useState<string | null>(null)
  const footer = (
    <>
      <Button onPress={onClose}>{t('action.cancel')}</Button>
      <Button variant="primary" isDisabled={chosen === null} onPress={() => chosen !== null && onChoose(chosen)}>
        {t('action.add')}
      </Button>
    </>
  )
  return (
    <Dialog title={t('bench.chooseTitle')} isOpen onClose={onClose} footer={footer}>
      {choices.length === 0 && !problem && <p>{t('bench.chooseNone')}</p>}
      {choices.length > 0 && (
        <RadioGroup
          label={t('bench.addFile')}
          value={chosen}
          onChange={setChosen}
          options={choices.map(({ file, name, size }) => ({
            id: file,
            label: name,
            description: bytesText(size, locale),
          }))}
        />
      )}
      {problem && <ProblemBox problem={problem} />}
    </Dialog>
  )
}
