// States: icon shape, word and colour together, the same everywhere.
import type { SlotView, StateWord as State } from '#contract/views.ts'
import type { Verdict } from '#model/slot.ts'
import { verdictText } from '../text/sentences.ts'
import { useText, useTexts } from '../text/use-text.tsx'
import { Icon, type IconName } from './icons.tsx'

export function StateWord({ state, size = 'normal' }: { readonly state: State; readonly size?: 'normal' | 'large' }) {
  const t = useText()
  return (
    <span className={`state state-${state} state-${size}`}>
      <Icon name={state} size={size === 'large' ? 28 : 20} />
      {t(`state.${state}`)}
    </span>
  )
}

const VERDICT_ICON: Readonly<Record<Verdict, IconName>> = {
  Good: 'good',
  Trying: 'trying',
  Bad: 'bad',
  Empty: 'empty',
  Incomplete: 'incomplete',
  Unknown: 'unknown',
}

export function VerdictWord({ slot }: { readonly slot: Pick<SlotView, 'verdict' | 'triesLeft' | 'once'> }) {
  const speech = useTexts()
  return (
    <span className={`state verdict-${slot.verdict}`}>
      <Icon name={VERDICT_ICON[slot.verdict]} size={18} />
      {verdictText(slot, speech)}
    </span>
  )
}

export interface SlotBadgeProps {
  readonly slot: SlotView
  readonly bootsNext?: boolean
  readonly runs?: boolean
}

/** One slot in a line: letter, version, verdict, whether it boots next and whether it runs now. */
export function SlotBadge({ slot, bootsNext, runs }: SlotBadgeProps) {
  const t = useText()
  return (
    <span className={bootsNext ? 'slot-badge slot-badge-next' : 'slot-badge'}>
      <b className="slot-letter" title={t('slot.name', { slot: slot.slot })}>
        {slot.slot}
      </b>
      {slot.version && <bdi className="slot-version">{slot.version}</bdi>}
      <VerdictWord slot={slot} />
      {runs && <RunningNow />}
      {bootsNext && <BootsNext />}
    </span>
  )
}

export function BootsNext() {
  const t = useText()
  return (
    <span className="badge badge-next">
      <Icon name="play" size={14} />
      {t('badge.bootsNext')}
    </span>
  )
}

/** Only on the appliance itself. */
export function RunningNow() {
  const t = useText()
  return (
    <span className="badge badge-running">
      <Icon name="running" size={14} />
      {t('badge.runningNow')}
    </span>
  )
}
