// Step 2: which image, with its signer, validity and state. What failed its checks cannot be chosen and says why.
import type { ImageView } from '#contract/views.ts'
import {
  Button,
  EmptyState,
  Icon,
  ProblemList,
  RadioGroup,
  Select,
  Time,
  useMinute,
} from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { navigate } from '#renderer/store/ui.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { bootSources, imageObstacle } from './provision-state.ts'
import { changeWish, useProvision } from './provision-store.ts'

export function ImageStep() {
  const t = useText()
  const images = useStation((station) => station.images)
  const now = new Date(useMinute())
  const { wish } = useProvision()
  const words = useImageWords()
  if (images.length === 0)
    return (
      <EmptyState
        icon="images"
        title={t('provision.noImages')}
        actions={<Button onPress={() => navigate('images')}>{t('provision.toImages')}</Button>}
      >
        <p>{t('provision.noImagesText')}</p>
      </EmptyState>
    )
  const usable = images.filter((image) => imageObstacle(image, now) === null)
  const unusable = images.filter((image) => imageObstacle(image, now) !== null)
  const chosen = usable.find(({ token }) => token === wish.image)
  return (
    <>
      <RadioGroup
        label={t('provision.imageLabel')}
        description={usable.length === 0 ? t('provision.noUsableImage') : undefined}
        value={chosen?.token ?? null}
        options={usable.map((image) => ({ id: image.token, label: image.name, description: words(image) }))}
        onChange={(image) => changeWish({ image })}
      />
      {chosen?.expires && (
        <p className="quiet">
          {t('provision.imageExpires')} <Time at={chosen.expires} />
        </p>
      )}
      {chosen && wish.mode === 'provision' && !chosen.hasBootFiles && <BootChoice />}
      {unusable.length > 0 && (
        <section aria-labelledby="unusable-images">
          <h3 id="unusable-images">{t('provision.unusable')}</h3>
          <ul className="unit-list">
            {unusable.map((image) => (
              <UnusableImage key={image.token} image={image} />
            ))}
          </ul>
        </section>
      )}
      <p>
        <Button variant="quiet" icon="images" onPress={() => navigate('images')}>
          {t('provision.toImages')}
        </Button>
      </p>
    </>
  )
}

function UnusableImage({ image }: { readonly image: ImageView }) {
  const t = useText()
  const obstacle = imageObstacle(image, new Date(useMinute()))
  return (
    <li className="unit-row unit-facts">
      <p>
        <bdi>{image.name}</bdi>
      </p>
      {obstacle && (
        <p className="unit-obstacle">
          <Icon name="lock" size={16} />
          {t(`provision.imageObstacle.${obstacle}`)}
        </p>
      )}
      {image.problem && <ProblemList problems={[image.problem]} tone="danger" />}
    </li>
  )
}

/** One line below the name: product and version, signer, state, size. */
function useImageWords(): (image: ImageView) => string {
  const { t, locale } = useTexts()
  const fact = (image: ImageView): readonly (string | null)[] => [
    [image.product, image.version].filter(Boolean).join(' ') || null,
    image.signer && t('provision.signedBy', { name: image.signer.name, key: image.signer.fingerprint.slice(-16) }),
    t(`provision.imageState.${image.state}`),
    bytesText(image.size, locale),
  ]
  return (image) =>
    fact(image)
      .filter((word) => word !== null)
      .join(' · ')
}

function BootChoice() {
  const t = useText()
  const images = useStation((station) => station.images)
  const { wish } = useProvision()
  const sources = bootSources(images, new Date(useMinute()))
  return (
    <Select
      label={t('provision.bootLabel')}
      description={sources.length === 0 ? t('provision.noBootSource') : t('provision.bootHint')}
      value={sources.some(({ token }) => token === wish.boot) ? wish.boot : null}
      options={sources.map(({ token, name }) => ({ id: token, label: name }))}
      isDisabled={sources.length === 0}
      onChange={(boot) => changeWish({ boot })}
    />
  )
}
