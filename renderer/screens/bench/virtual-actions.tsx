// Virtual disks can leave the bench, with their file or without; deleting asks first.
import { useState } from 'react'
import type { UnitView } from '#contract/views.ts'
import { Button, Dialog, type MenuEntry, ProblemBox, shortName } from '#renderer/components/index.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { useText } from '#renderer/text/use-text.tsx'

export function useVirtualActions(unit: UnitView): {
  readonly entries: readonly MenuEntry[]
  readonly dialog: React.ReactNode
} {
  const t = useText()
  const remove = useCall('bench.remove-virtual')
  const [asking, setAsking] = useState(false)
  if (unit.kind !== 'virtual') return { entries: [], dialog: null }
  const take = (erase: boolean) => async (): Promise<void> => {
    const answer = await remove.run({ unit: unit.token, erase })
    if (answer !== null) setAsking(false)
    else setAsking(true)
  }
  const close = (): void => {
    remove.clear()
    setAsking(false)
  }
  const entries: MenuEntry[] = [
    { id: 'take-off', label: t('bench.removeVirtual'), onAction: () => void take(false)() },
    { id: 'erase', label: t('bench.eraseVirtual'), danger: true, onAction: () => setAsking(true) },
  ]
  const dialog = (
    <Dialog
      role="alertdialog"
      title={t('bench.eraseTitle')}
      isOpen={asking}
      onClose={close}
      footer={
        <>
          <Button onPress={close}>{t('action.cancel')}</Button>
          <Button variant="danger" isDisabled={remove.busy} onPress={take(true)}>
            {t('bench.eraseVirtual')}
          </Button>
        </>
      }
    >
      <p>{t('bench.eraseText', { name: shortName(unit) })}</p>
      {remove.problem && <ProblemBox problem={remove.problem} />}
    </Dialog>
  )
  return { entries, dialog }
}
