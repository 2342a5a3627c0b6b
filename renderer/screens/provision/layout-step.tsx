// Step 3 of Provision: the layout, which slots receive the image, and the chosen disks before and after, to scale.
import { Button, DiskStrip, Notice, ProblemBox, RadioGroup, shortName } from '#renderer/components/index.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { layoutLine } from '#renderer/text/sentences.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { tooSmallFor, type Wish } from './provision-state.ts'
import { changeWish, useBench, usePlanning, useProvision } from './provision-store.ts'

export function LayoutStep() {
  const speech = useTexts()
  const { t, locale } = speech
  const { wish } = useProvision()
  const { units, layouts } = useBench()
  const list = new Intl.ListFormat(locale, { type: 'conjunction' })
  const options = layouts.map((layout) => {
    const small = tooSmallFor(layout, units)
    const needs = t('provision.layoutNeeds', { size: bytesText(layout.minimum, locale) })
    const tooSmall = t('provision.layoutTooSmall', { units: list.format(small.map(shortName)), count: small.length })
    return {
      id: layout.name,
      label: layout.name,
      description: [layoutLine(layout, speech), small.length > 0 ? tooSmall : needs].join(' – '),
      isDisabled: small.length > 0 && small.length === units.length,
    }
  })
  return (
    <>
      <RadioGroup
        label={t('provision.layoutLabel')}
        value={wish.layout}
        options={options}
        onChange={(layout) => changeWish({ layout })}
      />
      <RadioGroup<Wish['slots']>
        label={t('provision.slotsLabel')}
        description={t('provision.slotsHint')}
        value={wish.slots}
        options={[
          { id: 'A', label: t('slot.name', { slot: 'A' }) },
          { id: 'B', label: t('slot.name', { slot: 'B' }) },
          { id: 'both', label: t('provision.slotsBoth') },
        ]}
        onChange={(slots) => changeWish({ slots })}
      />
      <Preview />
    </>
  )
}

/** Real sizes come from a plan; making one may ask for consent, so it is made when somebody asks for it. */
function Preview() {
  const t = useText()
  const { call, answer, busy, problem, plan } = usePlanning()
  return (
    <section className="preview" aria-labelledby="preview-title">
      <h3 id="preview-title">{t('provision.previewTitle')}</h3>
      {call === null && <p className="quiet">{t('provision.previewLater')}</p>}
      {call !== null && answer === null && (
        <p>
          <Button icon="disk" isDisabled={busy} onPress={() => void plan()}>
            {busy ? t('provision.planning') : t('provision.preview')}
          </Button>
        </p>
      )}
      {problem && <ProblemBox problem={problem} />}
      {answer && answer.refused.length > 0 && (
        <Notice tone="warning" title={t('provision.refusedTitle', { count: answer.refused.length })}>
          {t('provision.refusedSeeReview')}
        </Notice>
      )}
      <PreviewDisks />
    </section>
  )
}

function PreviewDisks() {
  const t = useText()
  const { units } = useBench()
  const { answer } = usePlanning()
  return answer?.plans.map((plan) => {
    const unit = units.find(({ token }) => token === plan.unit)
    return (
      <div key={plan.plan} className="preview-disk">
        {unit && (
          <h4>
            <bdi>{t('provision.previewOf', { name: shortName(unit) })}</bdi>
          </h4>
        )}
        <DiskStrip title={t('disk.before')} partitions={plan.before} size={plan.diskSize} />
        <DiskStrip title={t('disk.after')} partitions={plan.after} size={plan.diskSize} />
      </div>
    )
  })
}
