// Provision: one or many disks, step by step, every step reachable. Repair slots is the same with fewer steps and keeps data.
import { useLayoutEffect, useRef } from 'react'
import { Button, Screen, toTop } from '#renderer/components/index.ts'
import type { ScreenComponentProps } from '#renderer/shell/screens.tsx'
import { navigate, selectUnits } from '#renderer/store/ui.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { ConfigStep } from './config-step.tsx'
import { ImageStep } from './image-step.tsx'
import { LayoutStep } from './layout-step.tsx'
import { type Mode, STEPS, type Step } from './provision-state.ts'
import { changeMode, goTo, useProvision } from './provision-store.ts'
import { ReviewStep } from './review-step.tsx'
import { SlotStep } from './slot-step.tsx'
import { Stepper } from './stepper.tsx'
import { UnitsStep } from './units-step.tsx'
import './provision.css'

const CONTENT = {
  units: UnitsStep,
  image: ImageStep,
  layout: LayoutStep,
  slot: SlotStep,
  config: ConfigStep,
  review: ReviewStep,
} as const satisfies Record<Step, () => React.ReactNode>

/** `#/provision/repair` is Repair slots; everything else is Provision. */
export default function ProvisionScreen({ about }: ScreenComponentProps) {
  const t = useText()
  const mode = useProvision(({ wish }) => wish.mode)
  const step = useProvision((state) => state.step)
  useLayoutEffect(() => {
    const wanted: Mode = about === 'repair' ? 'repair' : 'provision'
    if (wanted !== useProvision.getState().wish.mode) changeMode(wanted)
  }, [about])
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = useRef(step)
  // Another step begins at its top, and so does the keyboard.
  useLayoutEffect(() => {
    if (shown.current === step) return
    shown.current = step
    heading.current?.focus({ preventScroll: true })
    toTop()
  }, [step])
  const Content = CONTENT[step]
  return (
    <Screen
      title={t(mode === 'repair' ? 'verb.repair' : 'verb.provision')}
      description={t(`provision.description.${mode}`)}
      actions={<ModeButton />}
    >
      <div className="provision">
        <Stepper />
        <section className="provision-step" aria-labelledby="provision-step-title">
          <h2 id="provision-step-title" ref={heading} tabIndex={-1}>
            {t(`provision.step.${step}`)}
          </h2>
          <Content />
          <StepButtons mode={mode} step={step} />
        </section>
      </div>
    </Screen>
  )
}

/** The other mode begins anew: units that were chosen to keep their data are not chosen to be erased. */
function ModeButton() {
  const t = useText()
  const mode = useProvision(({ wish }) => wish.mode)
  const other: Mode = mode === 'provision' ? 'repair' : 'provision'
  const change = (): void => {
    selectUnits([])
    navigate('provision', other === 'repair' ? other : null)
  }
  return (
    <Button variant="quiet" icon="arrow" onPress={change}>
      {t(`provision.change.${other}`)}
    </Button>
  )
}

function StepButtons({ mode, step }: { readonly mode: Mode; readonly step: Step }) {
  const t = useText()
  const steps: readonly Step[] = STEPS[mode]
  const at = steps.indexOf(step)
  const [before, next] = [steps[at - 1], steps[at + 1]]
  return (
    <div className="provision-buttons">
      {before && <Button onPress={() => goTo(before)}>{t('action.back')}</Button>}
      {next && (
        <Button variant="primary" onPress={() => goTo(next)}>
          {t('provision.nextStep', { step: t(`provision.step.${next}`) })}
        </Button>
      )}
    </div>
  )
}
