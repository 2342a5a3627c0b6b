// One slot: what it holds, in which state it is, whether it boots next, and what can be done with it.
import type { RecoveryView, UnitView } from '#contract/views.ts'
import type { Slot } from '#model/slot.ts'
import {
  BootsNext,
  Button,
  Bytes,
  Code,
  Facts,
  Fingerprint,
  Icon,
  MenuButton,
  RunningNow,
  Time,
  VerdictWord,
} from '#renderer/components/index.ts'
import type { TextKey } from '#renderer/text/index.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { usePlanned } from '../confirm/use-planned.tsx'
import { adviceAgainst, MAIN_ACTIONS, MARK_ACTIONS, type SlotAction, wouldFail } from './slots-state.ts'

export interface SlotCardProps {
  readonly unit: UnitView
  readonly recovery: RecoveryView
  readonly slot: Slot
  readonly isDisabled: boolean
}

const VERBS = {
  once: 'verb.bootOnce',
  default: 'verb.makeDefault',
  reset: 'verb.resetTries',
  good: 'slots.markGood',
  bad: 'slots.markBad',
} as const satisfies Record<SlotAction, TextKey>

export function SlotCard({ unit, recovery, slot, isDisabled }: SlotCardProps) {
  const t = useText()
  const next = recovery.bootsNext?.slot === slot
  const { busy, plan, dialogs } = usePlanned('plan.slot', (params, force) => ({ ...params, force }))
  const act = (action: SlotAction): void =>
    void plan(t('slots.actionOn', { action: t(VERBS[action]), slot }), { unit: unit.token, slot, action, force: null })
  const advice = (action: SlotAction): string | undefined => {
    const against = adviceAgainst(action, slot, recovery)
    return against === null ? undefined : t(`slots.advice.${against}`)
  }
  const warnings = [...new Set(MAIN_ACTIONS.map(advice))].filter((text) => text !== undefined)
  return (
    <section className={next ? 'slot-card slot-card-next' : 'slot-card'} aria-labelledby={`slot-${slot}`}>
      <header className="slot-card-head">
        <h2 id={`slot-${slot}`}>
          {next && <Icon name="arrow" size={24} />}
          {t('slot.name', { slot })}
        </h2>
        <VerdictWord slot={recovery.slots[slot]} />
        {recovery.running === slot && <RunningNow />}
        {next && <BootsNext />}
        <MenuButton
          label={t('slots.moreFor', { slot })}
          iconOnly
          isDisabled={isDisabled || busy}
          items={MARK_ACTIONS.map((action) => ({
            id: action,
            label: t(VERBS[action]),
            description: advice(action),
            isDisabled: wouldFail(action, slot, recovery),
            onAction: () => act(action),
          }))}
        />
      </header>
      <SlotFacts recovery={recovery} slot={slot} />
      {warnings.map((text) => (
        <p key={text} className="slot-advice">
          <Icon name="needs-you" size={18} />
          {text}
        </p>
      ))}
      <div className="actions">
        {MAIN_ACTIONS.map((action) => (
          <Button
            key={action}
            isDisabled={isDisabled || busy || wouldFail(action, slot, recovery)}
            onPress={() => act(action)}
          >
            {t(VERBS[action])}
          </Button>
        ))}
      </div>
      {dialogs}
    </section>
  )
}

function SlotFacts({ recovery, slot }: { readonly recovery: RecoveryView; readonly slot: Slot }) {
  const t = useText()
  const { product, version, triesLeft, signer, signerName, checked, checkedAt, size, sha256, writtenAt, writtenBy } =
    recovery.slots[slot]
  const tries = recovery.bootsNext?.slot === slot && recovery.bootsNext.counted ? triesLeft : null
  const title = [product, version].filter(Boolean).join(' ')
  return (
    <Facts
      rows={[
        [t('slots.version'), title === '' ? t('slots.nothing') : <bdi key="version">{title}</bdi>],
        ...(tries === null ? [] : [[t('slots.tries'), t('slots.triesLeft', { tries })] as const]),
        [
          t('slots.signer'),
          signer === null ? (
            '–'
          ) : (
            <span key="signer" className="slot-signer">
              <bdi>{signerName ?? t('slots.signerUnknown')}</bdi>
              <Fingerprint value={signer} />
            </span>
          ),
        ],
        [
          t('slots.digest'),
          <span key="digest" className={`digest digest-${checked}`}>
            <Icon name={checked === 'equal' ? 'verified' : checked === 'differs' ? 'failed' : 'unknown'} size={18} />
            <span>{t(`slots.checked.${checked}`)}</span>
            {checkedAt && <Time at={checkedAt} />}
          </span>,
        ],
        [t('slots.installed'), writtenAt === null ? '–' : <Time key="at" at={writtenAt} />],
        [t('slots.installedBy'), writtenBy === null ? '–' : <bdi key="by">{writtenBy}</bdi>],
        [t('slots.size'), size === null ? '–' : <Bytes key="size" value={size} />],
        ['SHA-256', sha256 === null ? '–' : <Code key="sha">{sha256}</Code>],
      ]}
    />
  )
}
