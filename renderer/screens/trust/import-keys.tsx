// Taking keys in, as pasted text or from a file of this computer. The host refuses secret keys and what is no key.
import { useState } from 'react'
import { FileTrigger } from 'react-aria-components'
import { Button, Dialog, Notice, ProblemBox, TextField } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { ARMORED_LIMIT, addedKeys, looksArmored } from './trust-rules.ts'

export function ImportKeys({ onImported }: { onImported(added: number): void }) {
  const t = useText()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button variant="primary" icon="add" onPress={() => setOpen(true)}>
        {t('trust.import')}
      </Button>
      {open && <ImportDialog onImported={onImported} onClose={() => setOpen(false)} />}
    </>
  )
}

function ImportDialog({ onImported, onClose }: { onImported(added: number): void; onClose(): void }) {
  const t = useText()
  const keys = useStation((station) => station.keys)
  const [text, setText] = useState('')
  const [unfit, setUnfit] = useState<'trust.fileTooLarge' | 'trust.fileUnreadable' | null>(null)
  const take = useCall('trust.import')
  const change = (next: string): void => {
    take.clear()
    setUnfit(null)
    setText(next)
  }
  const takeFile = async (files: FileList | null): Promise<void> => {
    const file = files?.[0]
    if (!file) return
    if (file.size > ARMORED_LIMIT) return setUnfit('trust.fileTooLarge')
    const read = await file.text()
    if (!looksArmored(read)) return setUnfit('trust.fileUnreadable')
    change(read)
  }
  const submit = async (): Promise<void> => {
    const after = await take.run({ armored: text })
    if (after === null) return
    onImported(addedKeys(keys, after).length)
    onClose()
  }
  const footer = (
    <>
      <Button onPress={onClose}>{t('action.cancel')}</Button>
      <Button variant="primary" isDisabled={text.trim() === '' || take.busy} onPress={() => void submit()}>
        {t('trust.importNow')}
      </Button>
    </>
  )
  return (
    <Dialog title={t('trust.importTitle')} isOpen onClose={onClose} footer={footer}>
      <p className="quiet">{t('trust.importText')}</p>
      <TextField
        label={t('trust.armored')}
        description={t('trust.armoredHint')}
        value={text}
        onChange={change}
        multiline
        rows={7}
        code
        maxLength={ARMORED_LIMIT}
      />
      <div className="actions">
        <FileTrigger
          acceptedFileTypes={['.asc', '.txt', '.pgp', '.gpg', '.pub']}
          onSelect={(files) => void takeFile(files)}
        >
          <Button icon="file">{t('trust.fromFile')}</Button>
        </FileTrigger>
      </div>
      <div role="alert" className="live-slot">
        {unfit && <Notice tone="danger">{t(unfit)}</Notice>}
      </div>
      {take.problem && <ProblemBox problem={take.problem} />}
    </Dialog>
  )
}
