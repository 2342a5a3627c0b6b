// Verifying a certificate that came back: did this station sign it, and is it unchanged.
import { useState } from 'react'
import { FileTrigger } from 'react-aria-components'
import { Button, Dialog, Fingerprint, Notice, ProblemBox, TextField } from '#renderer/components/index.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { asWritten, FILE_LIMITS, kindOfFile } from './report-rules.ts'

type Part = keyof typeof FILE_LIMITS
type Result = { readonly signer: string } | null

export function VerifyDialog({ onClose }: { onClose(): void }) {
  const t = useText()
  const [texts, setTexts] = useState<Readonly<Record<Part, string>>>({ report: '', signature: '' })
  const [tooLarge, setTooLarge] = useState<string | null>(null)
  const verify = useCall('report.verify')
  const [answer, setAnswer] = useState<Awaited<ReturnType<typeof verify.run>>>(null)
  const change = (part: Part) => (text: string) => {
    setAnswer(null)
    setTexts((before) => ({ ...before, [part]: text }))
  }
  const readFiles = async (files: FileList | null): Promise<void> => {
    setTooLarge(null)
    for (const file of files ?? []) {
      if (file.size > FILE_LIMITS.report) return setTooLarge(file.name)
      const text = await file.text()
      const part = kindOfFile(text)
      if (text.length > FILE_LIMITS[part]) return setTooLarge(file.name)
      change(part)(text)
    }
  }
  const submit = async (): Promise<void> =>
    setAnswer(await verify.run({ report: asWritten(texts.report), signature: asWritten(texts.signature) }))
  const ready = texts.report.trim() !== '' && texts.signature.trim() !== ''
  const good: Result = answer?.valid && answer.signer !== null ? { signer: answer.signer } : null
  const footer = (
    <>
      <Button onPress={onClose}>{t('action.close')}</Button>
      <Button variant="primary" isDisabled={!ready || verify.busy} onPress={() => void submit()}>
        {t('reports.verifyNow')}
      </Button>
    </>
  )
  return (
    <Dialog title={t('reports.verifyTitle')} isOpen onClose={onClose} size="wide" footer={footer}>
      <p className="quiet">{t('reports.verifyText')}</p>
      <div className="actions">
        <FileTrigger allowsMultiple acceptedFileTypes={['.json', '.asc']} onSelect={(files) => void readFiles(files)}>
          <Button icon="file">{t('reports.verifyFiles')}</Button>
        </FileTrigger>
      </div>
      <div role="alert" className="live-slot">
        {tooLarge !== null && <Notice tone="danger">{t('reports.verifyTooLarge', { name: tooLarge })}</Notice>}
      </div>
      <div className="verify-texts">
        <TextField
          label={t('reports.verifyReport')}
          value={texts.report}
          onChange={change('report')}
          multiline
          rows={5}
          code
          maxLength={FILE_LIMITS.report}
        />
        <TextField
          label={t('reports.verifySignature')}
          value={texts.signature}
          onChange={change('signature')}
          multiline
          rows={5}
          code
          maxLength={FILE_LIMITS.signature}
        />
      </div>
      <div role="status" className="live-slot">
        {good && (
          <Notice tone="ok" title={t('reports.verifyGood')}>
            {t('reports.verifyGoodText')} <Fingerprint value={good.signer} />
          </Notice>
        )}
      </div>
      {answer?.problem && <ProblemBox problem={answer.problem} title={t('reports.verifyBad')} />}
      {verify.problem && <ProblemBox problem={verify.problem} />}
    </Dialog>
  )
}
