// Pause, go on, stop. Stopping asks, with the safe answer where the pointer is not.
import { useState } from 'react'
import type { BatchView } from '#contract/views.ts'
import { Button, Dialog, ProblemBox } from '#renderer/components/index.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { useText } from '#renderer/text/use-text.tsx'

export function BatchActions({ batch: { batch, state } }: { readonly batch: BatchView }) {
  const t = useText()
  const pause = useCall('batch.pause')
  const goOn = useCall('batch.continue')
  const [asking, setAsking] = useState(false)
  if (state === 'done') return null
  const halted = state === 'paused' || state === 'asks'
  const problem = pause.problem ?? goOn.problem
  return (
    <>
      {halted ? (
        <Button variant="primary" icon="play" isDisabled={goOn.busy} onPress={() => void goOn.run({ batch })}>
          {t('run.continue')}
        </Button>
      ) : (
        <Button icon="pause" isDisabled={pause.busy} onPress={() => void pause.run({ batch })}>
          {t('run.pause')}
        </Button>
      )}
      <Button icon="stopped" onPress={() => setAsking(true)}>
        {t('run.stopBatch')}
      </Button>
      {problem && <ProblemBox problem={problem} />}
      <StopDialog
        title={t('run.stopBatchTitle')}
        text={t('run.stopBatchText')}
        confirm={t('run.stopBatch')}
        isOpen={asking}
        onClose={() => setAsking(false)}
        what={{ batch }}
      />
    </>
  )
}

export interface StopDialogProps {
  readonly title: string
  readonly text: string
  readonly confirm: string
  readonly isOpen: boolean
  onClose(): void
  readonly what: { readonly batch: string } | { readonly job: string }
}

export function StopDialog({ title, text, confirm, isOpen, onClose, what }: StopDialogProps) {
  const t = useText()
  const stopBatch = useCall('batch.stop')
  const stopJob = useCall('job.stop')
  const problem = stopBatch.problem ?? stopJob.problem
  const stop = async (): Promise<void> => {
    const answer = 'batch' in what ? await stopBatch.run({ batch: what.batch }) : await stopJob.run({ job: what.job })
    if (answer !== null) onClose()
  }
  const footer = (
    <>
      <Button onPress={onClose}>{t('run.goOn')}</Button>
      <Button variant="danger" isDisabled={stopBatch.busy || stopJob.busy} onPress={stop}>
        {confirm}
      </Button>
    </>
  )
  return (
    <Dialog role="alertdialog" title={title} isOpen={isOpen} onClose={onClose} footer={footer}>
      <p>{text}</p>
      {problem && <ProblemBox problem={problem} />}
    </Dialog>
  )
}
