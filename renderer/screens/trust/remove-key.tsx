// Asks before a key is no longer trusted, and says what is lost with it.
import type { KeyView } from '#contract/views.ts'
import { Fingerprint, Notice, RemoveDialog } from '#renderer/components/index.ts'
import { useStore } from '#renderer/store/station.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { titleOf } from '../images/image-rules.ts'
import { lossWith } from './trust-rules.ts'

export function RemoveKey({ shown, onClose }: { readonly shown: KeyView; onClose(): void }) {
  const t = useText()
  const remove = useCall('trust.remove')
  return (
    <RemoveDialog
      title={t('trust.removeTitle', { name: shown.name || t('trust.noName') })}
      call={remove}
      onRemove={() => remove.run({ fingerprint: shown.fingerprint })}
      onClose={onClose}
    >
      <Fingerprint value={shown.fingerprint} />
      <WhatIsLost fingerprint={shown.fingerprint} />
    </RemoveDialog>
  )
}

function WhatIsLost({ fingerprint }: { readonly fingerprint: string }) {
  const t = useText()
  const station = useStore((state) => state.station)
  if (station === null) return null
  const { images, keys, bench } = station
  const loss = lossWith(fingerprint, { images, keys, units: bench.units })
  return (
    <>
      <h3>{t('trust.removeLoses')}</h3>
      {loss.images.length + loss.slots === 0 && <p>{t('trust.removeNothing')}</p>}
      <ul className="key-loss">
        {loss.images.map((image) => (
          <li key={image.token}>{t('trust.removeImage', { name: titleOf(image), file: image.name })}</li>
        ))}
        {loss.slots > 0 && <li>{t('trust.removeSlots', { count: loss.slots })}</li>}
      </ul>
      {loss.lastKey && <Notice tone="warning">{t('trust.removeLast')}</Notice>}
    </>
  )
}
