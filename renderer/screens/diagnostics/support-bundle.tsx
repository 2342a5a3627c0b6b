// The support bundle: shown before it is saved, with a list of what was removed from it. Exactly what is shown is saved.
import { useState } from 'react'
import type { ConsoleAnswers } from '#contract/console.ts'
import { Button, Card, Checkbox, Notice, ProblemBox, saveText } from '#renderer/components/index.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { linesIn, typeOfName } from './diagnostics-rules.ts'

type Bundle = ConsoleAnswers['diagnostics.bundle']

export function SupportBundle() {
  const t = useText()
  const make = useCall('diagnostics.bundle')
  const [withAddresses, setWithAddresses] = useState(false)
  const [bundle, setBundle] = useState<Bundle | null>(null)
  const choose = (wanted: boolean): void => {
    setWithAddresses(wanted)
    // What was shown is not what would be asked for now.
    setBundle(null)
  }
  return (
    <Card title={t('diagnostics.bundle')}>
      <p className="quiet">{t('diagnostics.bundleText')}</p>
      <Checkbox
        label={t('diagnostics.addresses')}
        description={t('diagnostics.addressesText')}
        isSelected={withAddresses}
        isDisabled={make.busy}
        onChange={choose}
      />
      <div className="actions">
        <Button isDisabled={make.busy} onPress={async () => setBundle(await make.run({ withAddresses }))}>
          {t('diagnostics.preview')}
        </Button>
        <Button
          variant="primary"
          isDisabled={bundle === null || make.busy}
          onPress={() => bundle && saveText({ ...bundle, type: typeOfName(bundle.name) })}
        >
          {t('diagnostics.save')}
        </Button>
      </div>
      <div role="status" className="live-slot">
        {make.busy && <p>{t('diagnostics.previewBusy')}</p>}
      </div>
      {make.problem && <ProblemBox problem={make.problem} />}
      {bundle && !make.busy && <Preview bundle={bundle} />}
    </Card>
  )
}

function Preview({ bundle: { name, text, removed } }: { readonly bundle: Bundle }) {
  const { t, locale } = useTexts()
  const title = t('diagnostics.previewTitle', { name })
  const size = bytesText(new TextEncoder().encode(text).length, locale)
  return (
    <>
      <h3>{t('diagnostics.removed')}</h3>
      {removed.length === 0 ? (
        <Notice tone="info">{t('diagnostics.removedNone')}</Notice>
      ) : (
        <ul className="bundle-removed" lang="en" dir="ltr">
          {removed.map((what) => (
            <li key={what}>{what}</li>
          ))}
        </ul>
      )}
      <h3>{title}</h3>
      <p className="quiet">{t('diagnostics.previewSize', { lines: linesIn(text), size })}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling text must be reached by the keyboard */}
      <section className="bundle-text" tabIndex={0} aria-label={title} lang="en" dir="ltr">
        <pre>{text}</pre>
      </section>
    </>
  )
}
