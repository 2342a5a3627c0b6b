// The steps as a list of buttons: each can be opened at any time and says what it has or what it still needs.
import { Button } from 'react-aria-components'
import { Icon, useMinute } from '#renderer/components/index.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { useTexts } from '#renderer/text/use-text.tsx'
import { missingIn, STEPS, type Step } from './provision-state.ts'
import { goTo, useBench, usePlanning, useProvision } from './provision-store.ts'

export function Stepper() {
  const { t } = useTexts()
  const { wish, step: current } = useProvision()
  const bench = useBench()
  const now = new Date(useMinute())
  const summary = useSummary()
  const steps: readonly Step[] = STEPS[wish.mode]
  return (
    <nav className="stepper" aria-label={t('provision.steps')}>
      <ol>
        {steps.map((step, index) => {
          const missing = missingIn(step, wish, bench, now)
          return (
            <li key={step}>
              <Button
                className="stepper-step"
                aria-current={step === current ? 'step' : undefined}
                onPress={() => goTo(step)}
                data-missing={missing !== null || undefined}
              >
                <span className="stepper-number">
                  {missing === null && step !== 'review' ? <Icon name="good" size={16} /> : index + 1}
                </span>
                <span className="stepper-text">
                  <b>{t(`provision.step.${step}`)}</b>
                  <small>{missing === null ? summary(step) : t(`provision.missing.${missing}`)}</small>
                </span>
              </Button>
            </li>
          )
        })}
      </ol>
    </nav>
  )
}

/** What was chosen in a step that lacks nothing. */
function useSummary(): (step: Step) => string {
  const { t, locale } = useTexts()
  const { wish } = useProvision()
  const bench = useBench()
  const { answer } = usePlanning()
  return (step) => {
    switch (step) {
      case 'units':
        return t('provision.unitsChosen', { count: bench.units.length })
      case 'image': {
        const image = bench.images.find(({ token }) => token === wish.image)
        return image ? (image.version ?? image.name) : ''
      }
      case 'layout': {
        const layout = bench.layouts.find(({ name }) => name === wish.layout)
        return layout ? t('provision.layoutFrom', { name: layout.name, size: bytesText(layout.minimum, locale) }) : ''
      }
      case 'slot':
        return wish.slot === null ? '' : t('slot.name', { slot: wish.slot })
      case 'config':
        return wish.config === null ? t('provision.configNone') : (bench.draft?.from ?? '')
      case 'review':
        return answer === null ? t('provision.notPlanned') : t('provision.plansReady', { count: answer.plans.length })
    }
  }
}
