// From an action to its confirmation: a plan is made; it is either confirmed in the dialog or its refusals are shown.
// A refusal that a reason can override may be forced with one.
import { type ReactNode, useState } from 'react'
import type { ConsoleParams } from '#contract/console.ts'
import type { PlanAnswer } from '#contract/views.ts'
import { Button, Dialog, ProblemBox, ProblemList, TextField } from '#renderer/components/index.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { canBeForced, refusalsOf } from '../slots/slots-state.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'

type PlanCallName = 'plan.slot' | 'plan.repair' | 'plan.restore' | 'plan.finish'

export interface Planned<C extends PlanCallName> {
  readonly busy: boolean
  /** `title` heads the dialog that shows refusals. */
  plan(title: string, params: ConsoleParams<C>): Promise<void>
  /** To be drawn somewhere: problems, refusals and the confirmation are dialogs. */
  readonly dialogs: ReactNode
}

/** `force`: makes the parameters anew with a reason against advice, where the call takes one. `onStarted`: it was confirmed. */
export function usePlanned<C extends PlanCallName>(
  call: C,
  force?: (params: ConsoleParams<C>, reason: string) => ConsoleParams<C>,
  onStarted?: () => void,
): Planned<C> {
  const { run, busy, problem, clear } = useCall(call)
  const [asked, setAsked] = useState<{ readonly title: string; readonly params: ConsoleParams<C> } | null>(null)
  const [answer, setAnswer] = useState<PlanAnswer | null>(null)
  const plan = async (title: string, params: ConsoleParams<C>): Promise<void> => {
    setAsked({ title, params })
    setAnswer(await run(params))
  }
  const close = (): void => {
    setAnswer(null)
    setAsked(null)
    clear()
  }
  const refusals = answer === null ? [] : refusalsOf(answer)
  const dialogs = (
    <>
      {asked && (problem || refusals.length > 0) && (
        <RefusedDialog
          title={asked.title}
          onClose={close}
          busy={busy}
          onForce={
            force && canBeForced(refusals) ? (reason) => void plan(asked.title, force(asked.params, reason)) : null
          }
        >
          {problem && <ProblemBox problem={problem} />}
          <ProblemList problems={refusals} tone="danger" />
        </RefusedDialog>
      )}
      {answer && answer.plans.length > 0 && (
        <ConfirmDialog plans={answer.plans} onStarted={onStarted} onClose={close} />
      )}
    </>
  )
  return { busy, plan, dialogs }
}

interface RefusedDialogProps {
  readonly title: string
  readonly busy: boolean
  readonly children: ReactNode
  onClose(): void
  readonly onForce: ((reason: string) => void) | null
}

function RefusedDialog({ title, busy, children, onClose, onForce }: RefusedDialogProps) {
  const t = useText()
  const [reason, setReason] = useState('')
  const ready = onForce !== null && reason.trim() !== '' && !busy
  return (
    <Dialog
      isOpen
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('action.close')}</Button>
          {onForce && (
            <Button variant="danger" isDisabled={!ready} onPress={() => onForce(reason.trim())}>
              {t('plan.force')}
            </Button>
          )}
        </>
      }
    >
      <p>{t('plan.refusedText')}</p>
      {children}
      {onForce && (
        <TextField
          label={t('plan.forceReason')}
          description={t('plan.forceHint')}
          value={reason}
          onChange={setReason}
          maxLength={500}
        />
      )}
    </Dialog>
  )
}
