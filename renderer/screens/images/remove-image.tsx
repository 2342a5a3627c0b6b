// Asks before an image leaves the library, and says what that does not change.
import type { ImageView } from '#contract/views.ts'
import { RemoveDialog } from '#renderer/components/index.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { titleOf } from './image-rules.ts'

export function RemoveImage({ image, onClose }: { readonly image: ImageView; onClose(): void }) {
  const t = useText()
  const remove = useCall('image.remove')
  return (
    <RemoveDialog
      title={t('images.removeTitle', { name: titleOf(image) })}
      call={remove}
      onRemove={() => remove.run({ image: image.token })}
      onClose={onClose}
    >
      <p>{t('images.removeText')}</p>
    </RemoveDialog>
  )
}
