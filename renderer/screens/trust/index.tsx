// Trust: whose signatures are accepted. A key is identified by its whole fingerprint and nothing less.
import { useState } from 'react'
import type { KeyView } from '#contract/views.ts'
import { EmptyState, Notice, Screen } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { CompareKey } from './compare-key.tsx'
import { ImportKeys } from './import-keys.tsx'
import { KeyCard } from './key-card.tsx'
import { RemoveKey } from './remove-key.tsx'
import './trust.css'

export default function TrustScreen() {
  const t = useText()
  const keys = useStation((station) => station.keys)
  const [asked, setAsked] = useState<{ readonly key: KeyView; readonly what: 'compare' | 'remove' } | null>(null)
  const [added, setAdded] = useState<number | null>(null)
  const close = (): void => setAsked(null)
  return (
    <Screen
      title={t('trust.title')}
      description={keys.length > 0 && t('trust.description', { count: keys.length })}
      actions={keys.length > 0 && <ImportKeys onImported={setAdded} />}
    >
      <div role="status" className="live-slot">
        {added !== null && <Notice tone={added > 0 ? 'ok' : 'info'}>{t('trust.imported', { count: added })}</Notice>}
      </div>
      {keys.length === 0 ? (
        <EmptyState icon="trust" title={t('trust.emptyTitle')} actions={<ImportKeys onImported={setAdded} />}>
          <p>{t('trust.emptyText')}</p>
        </EmptyState>
      ) : (
        <ul className="key-list" aria-label={t('trust.list')}>
          {keys.map((key) => (
            <li key={key.fingerprint}>
              <KeyCard shown={key} onAsk={(what) => setAsked({ key, what })} />
            </li>
          ))}
        </ul>
      )}
      {asked?.what === 'compare' && <CompareKey shown={asked.key} onClose={close} />}
      {asked?.what === 'remove' && <RemoveKey shown={asked.key} onClose={close} />}
    </Screen>
  )
}
