// Asks before something is removed; says what is lost with it, and what went wrong. Esc never removes.
import type { ReactNode } from 'react'
import type { Problem } from '#contract/views.ts'
import { useText } from '../text/use-text.tsx'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { ProblemBox } from './problem-box.tsx'

export interface RemoveDialogProps {
  readonly title: string
  /** The removal's call, as useCall gives it. */
  readonly call: { readonly busy: boolean; readonly problem: Problem | null }
  /** Answers null when it did not come about. */
  onRemove(): Promise<unknown>
  onClose(): void
  /** What is lost, and what is not. */
  readonly children: ReactNode
}

export function RemoveDialog({ title, call, onRemove, onClose, children }: RemoveDialogProps) {
  const t = useText()
  const submit = async (): Promise<void> => {
    if ((await onRemove()) !== null) onClose()
  }
  const footer = (
    <>
      <Button onPress={onClose}>{t('action.cancel')}</Button>
      <Button variant="danger" isDisabled={call.busy} onPress={() => void submit()}>
        {t('action.remove')}
      </Button>
    </>
  )
  return (
    <Dialog role="alertdialog" title={title} isOpen onClose={onClose} footer={footer}>
      {children}
      {call.problem && <ProblemBox problem={call.problem} />}
    </Dialog>
  )
}
