// One image: identity and state first, then what is known about it, then what can be done with it.
import { type ReactNode, useId } from 'react'
import type { ImageView } from '#contract/views.ts'
import { Bytes, Icon, type IconName, NamedButton, ProblemBox, Time, useMinute } from '#renderer/components/index.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { relativeText, timeText } from '#renderer/text/numbers.ts'
import { useTexts } from '#renderer/text/use-text.tsx'
import { CheckProgress, useCheck, wasStopped } from '../check/check-progress.tsx'
import { channelNote, isPast, titleOf } from './image-rules.ts'

export interface ImageCardProps {
  readonly image: ImageView
  /** The whole library, to know which one is the newest. */
  readonly images: readonly ImageView[]
  onRemove(image: ImageView): void
}

export function ImageCard({ image, images, onRemove }: ImageCardProps) {
  const { t } = useTexts()
  const heading = useId()
  const verify = useCall('image.verify')
  const pin = useCall('image.pin')
  const { token, state, problem, pinned } = image
  const check = useCheck(token)
  const checking = state === 'checking' || verify.busy
  const stopped = wasStopped(verify.problem)
  const failed = stopped ? pin.problem : (verify.problem ?? pin.problem)
  return (
    <article className="card image-card" aria-labelledby={heading} aria-busy={checking}>
      <header className="image-head">
        <div>
          <h2 id={heading}>
            <bdi>{titleOf(image)}</bdi>
          </h2>
          <Badges image={image} images={images} />
        </div>
        <ImageState state={checking ? 'checking' : state} />
      </header>
      {problem && <ProblemBox problem={problem} title={t('images.state.bad')} />}
      {check && <CheckProgress check={check} label={t('images.verify')} heading={heading} />}
      <p role="status" className={stopped && !checking ? 'quiet' : 'visually-hidden'}>
        {stopped && !checking && t('check.stopped')}
      </p>
      <ImageFacts image={image} />
      {failed && <ProblemBox problem={failed} />}
      <div className="actions">
        <NamedButton isDisabled={checking} about={heading} onPress={() => void verify.run({ image: token })}>
          {t('images.verify')}
        </NamedButton>
        <NamedButton
          isDisabled={pin.busy}
          about={heading}
          onPress={() => void pin.run({ image: token, pinned: !pinned })}
        >
          {t(pinned ? 'images.unpin' : 'images.pin')}
        </NamedButton>
        <NamedButton variant="quiet" isDisabled={pinned || checking} about={heading} onPress={() => onRemove(image)}>
          {t('action.remove')}
        </NamedButton>
        {pinned && <small className="quiet">{t('images.removePinned')}</small>}
      </div>
    </article>
  )
}

const STATE_LOOK: Readonly<Record<ImageView['state'], readonly [icon: IconName, look: string]>> = {
  checking: ['reading-back', 'state-reading-back'],
  trusted: ['trust', 'image-trusted'],
  verified: ['verified', 'state-verified'],
  bad: ['failed', 'state-failed'],
}

function ImageState({ state }: { readonly state: ImageView['state'] }) {
  const { t } = useTexts()
  const [icon, look] = STATE_LOOK[state]
  return (
    <span role="status" className={`state image-state ${look}`}>
      <Icon name={icon} />
      {t(`images.state.${state}`)}
    </span>
  )
}

function Badges({ image, images }: Pick<ImageCardProps, 'image' | 'images'>) {
  const { t } = useTexts()
  const note = channelNote(image, images, new Date(useMinute()))
  if (note === null && !image.pinned) return null
  return (
    <p className="image-badges">
      {note?.kind === 'newest' && (
        <span className="badge image-newest">{t('images.newest', { channel: note.channel, days: note.days })}</span>
      )}
      {note?.kind === 'older' && (
        <span className="badge">{t('images.newer', { version: note.newest, channel: note.channel })}</span>
      )}
      {image.pinned && (
        <span className="badge">
          <Icon name="lock" size={14} />
          {t('images.pinned')}
        </span>
      )}
    </p>
  )
}

function ImageFacts({ image }: { readonly image: ImageView }) {
  const { t } = useTexts()
  const { name, counter, created, expires, size, hardware, kind, signer, state } = image
  const good = signer !== null
  const unknown = <span className="quiet">{t('images.unknown')}</span>
  // A release that names no hardware is for all of the product's.
  const hardwareText = (): ReactNode => {
    if (hardware.length > 0) return <bdi>{hardware.join(', ')}</bdi>
    return image.product === null ? unknown : t('images.hardwareAny')
  }
  const rows: readonly (readonly [string, ReactNode])[] = [
    [t('images.signature'), <Signature key="s" good={good} />],
    [t('images.checked'), <Checked key="c" image={image} />],
    [t('images.signer'), signer ? <Signer key="k" signer={signer} /> : unknown],
    [t('images.keyExpires'), signer ? <Ends key="e" at={signer.expires} /> : unknown],
    [t('images.built'), created ? <Time at={created} /> : unknown],
    [t('images.validUntil'), expires || good ? <Ends key="v" at={expires} /> : unknown],
    [t('images.counter'), counter === null ? unknown : <bdi className="number">{counter}</bdi>],
    [t('images.size'), <Bytes key="b" value={size} />],
    [t('images.kind'), state === 'bad' && !good ? unknown : t(`images.kind.${kind}`)],
    [t('images.hardware'), hardwareText()],
    [t('images.boot'), t(image.hasBootFiles ? 'images.boot.yes' : 'images.boot.no')],
    [t('images.name'), <bdi key="n">{name}</bdi>],
    [t('images.added'), <Time key="a" at={image.addedAt} />],
  ]
  return (
    <dl className="image-facts">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Signature({ good }: { readonly good: boolean }) {
  const { t } = useTexts()
  return (
    <span className={good ? 'image-mark image-mark-good' : 'image-mark image-mark-bad'}>
      <Icon name={good ? 'good' : 'bad'} size={16} />
      {t(good ? 'images.signature.good' : 'images.signature.none')}
    </span>
  )
}

/** What was looked at, and when; never more than that. */
function Checked({ image: { state, readAt } }: { readonly image: ImageView }) {
  const { t, locale } = useTexts()
  const now = new Date(useMinute())
  if (state === 'bad') return t('images.checkedNot')
  if (readAt === null) return t('images.checkedSignature')
  return t('images.checkedAll', { time: timeText(new Date(readAt), now, locale) })
}

const SHORT = 16

/** The end of the fingerprint, in groups; the whole one is under Trust and as a hint. */
function Signer({ signer: { name, fingerprint } }: { readonly signer: NonNullable<ImageView['signer']> }) {
  const groups = fingerprint.slice(-SHORT).match(/.{1,4}/g) ?? []
  return (
    <span title={fingerprint}>
      <bdi>{name}</bdi>{' '}
      <bdi dir="ltr" className="code quiet image-fingerprint">
        … {groups.join(' ')}
      </bdi>
    </span>
  )
}

function Ends({ at }: { readonly at: string | null }) {
  const { t, locale } = useTexts()
  const now = new Date(useMinute())
  if (at === null) return t('images.keyNeverExpires')
  if (!isPast(at, now)) return <Time at={at} />
  return (
    <span className="image-mark image-mark-bad">
      <Icon name="needs-you" size={16} />
      <time dateTime={at}>{t('images.expired', { when: relativeText(new Date(at), now, locale) })}</time>
    </span>
  )
}
