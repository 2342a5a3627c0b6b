// Asks before an image leaves the library, and says what that does not change.
import type { ImageView } from '../../../src-shared/contract/views.ts'
import { Button, Dialog, ProblemBox } from '../../components/index.ts'
import { useCall } from '../../store/use-call.ts'
import { useText } from '../../text/use-text.tsx'
import { titleOf } from './image-rules.ts'

export function RemoveImage({ image, onClose }: { readonly image: ImageView; onClose(): void }) {
  const t = useText()
  const remove = useCall('image.remove')
  const submit = async (): Promise<void> => {
    if (await remove.run({ image: image.token })) onClose()
  }
  return (
    <Dialog
      role="alertdialog"
      title={t('images.removeTitle', { name: titleOf(image) })}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button variant="danger" isDisabled={remove.busy} onPress={() => void submit()}>
            {t('action.remove')}
          </Button>
        </>
      }
    >
      <p>{t('images.removeText')}</p>
      {remove.problem && <ProblemBox problem={remove.problem} />}
    </Dialog>
  )
}
