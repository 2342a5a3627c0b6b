// One trusted key: its holder, its fingerprint in groups of four, whether it can still sign.
import { useId } from 'react'
import type { KeyView } from '#contract/views.ts'
import { Facts, Fingerprint, Icon, type IconName, NamedButton, Notice, Time } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { signedBy } from './trust-rules.ts'

const STATE_LOOK: Readonly<Record<KeyView['state'], readonly [icon: IconName, look: string]>> = {
  usable: ['good', 'state-verified'],
  expired: ['needs-you', 'state-needs-you'],
  revoked: ['failed', 'state-failed'],
  weak: ['failed', 'state-failed'],
}

export interface KeyCardProps {
  readonly shown: KeyView
  onAsk(what: 'compare' | 'remove'): void
}

export function KeyCard({ shown, onAsk }: KeyCardProps) {
  const t = useText()
  const heading = useId()
  const images = useStation((station) => station.images)
  const { fingerprint, algorithm, created, expires, state } = shown
  const name = shown.name || t('trust.noName')
  const [icon, look] = STATE_LOOK[state]
  return (
    <article className="card" aria-labelledby={heading}>
      <header className="key-head">
        <h2 id={heading}>
          <bdi>{name}</bdi>
        </h2>
        <span className={`state ${look}`}>
          <Icon name={icon} />
          {t(`trust.state.${state}`)}
        </span>
      </header>
      {state !== 'usable' && <Notice tone="warning">{t(`trust.why.${state}`)}</Notice>}
      <Facts
        rows={[
          [t('trust.fingerprint'), <Fingerprint key="f" value={fingerprint} />],
          [t('trust.created'), <Time key="c" at={created} />],
          [t('trust.expires'), expires === null ? t('trust.neverExpires') : <Time key="e" at={expires} />],
          [t('trust.algorithm'), <bdi key="a">{algorithm}</bdi>],
          [t('trust.signed'), t('trust.signedImages', { count: signedBy(images, fingerprint).length })],
        ]}
      />
      <div className="actions">
        <NamedButton about={heading} onPress={() => onAsk('compare')}>
          {t('trust.compare')}
        </NamedButton>
        <NamedButton variant="quiet" about={heading} onPress={() => onAsk('remove')}>
          {t('action.remove')}
        </NamedButton>
      </div>
    </article>
  )
}
