// Images: the library of releases, each with who signed it, what was checked and how old it is. What cannot be used says why.
import { useState } from 'react'
import type { ImageView } from '#contract/views.ts'
import { Button, EmptyState, Notice, Screen } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { navigate } from '#renderer/store/ui.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { ImageCard } from './image-card.tsx'
import { inOrder } from './image-rules.ts'
import './images.css'
import { ImportImage } from './import-image.tsx'
import { RemoveImage } from './remove-image.tsx'

export default function ImagesScreen() {
  const t = useText()
  const images = useStation((station) => station.images)
  const noKeys = useStation((station) => station.keys.length === 0)
  const [removing, setRemoving] = useState<ImageView | null>(null)
  return (
    <Screen
      title={t('images.title')}
      description={images.length > 0 && t('images.description', { count: images.length })}
      actions={images.length > 0 && <ImportImage />}
    >
      {noKeys && (
        <Notice
          tone="warning"
          title={t('images.noKeys')}
          actions={<Button onPress={() => navigate('trust')}>{t('images.toTrust')}</Button>}
        >
          {t('images.noKeysText')}
        </Notice>
      )}
      {images.length === 0 ? (
        <EmptyState icon="images" title={t('images.emptyTitle')} actions={<ImportImage />}>
          <p>{t('images.emptyText')}</p>
        </EmptyState>
      ) : (
        <ul className="image-list" aria-label={t('images.list')}>
          {inOrder(images).map((image) => (
            <li key={image.token}>
              <ImageCard image={image} images={images} onRemove={setRemoving} />
            </li>
          ))}
        </ul>
      )}
      {removing && <RemoveImage image={removing} onClose={() => setRemoving(null)} />}
    </Screen>
  )
}
