// The last question before anything is written: the plans' own sentences, the end of the serial number (or the number of
// units) to type, two seconds to read. Esc closes and never confirms; the host judges all of it again.
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Challenge, PlanView, Token } from '#contract/views.ts'
import { Button, Dialog, Icon, ProblemBox, TextField } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { navigate } from '#renderer/store/ui.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { confirmState, isUnder, secondsToWait, spelled } from './confirm-rules.ts'
import { PlanCard } from './plan-card.tsx'
import { lastPointer } from './pointer-memory.ts'

export interface ConfirmDialogProps {
  readonly plans: readonly PlanView[]
  /** It runs; the window goes to the batch by itself. */
  onStarted?(batch: Token): void
  onClose(): void
}

export function ConfirmDialog({ plans, onStarted, onClose }: ConfirmDialogProps) {
  const t = useText()
  const { challenge, problem } = useChallenge(plans)
  const start = useCall('confirm.start')
  const [typed, setTyped] = useState('')
  const seconds = useCountdown(challenge)
  const state = challenge === null ? 'type' : confirmState(typed, challenge.expected, seconds)
  const { foot, side } = useSafeSide()
  const erases = plans.some(({ erased, kept }) => erased.length > 0 || kept.length === 0)

  const go = async (): Promise<void> => {
    if (challenge === null || state !== 'armed') return
    const started = await start.run({ challenge: challenge.challenge, typed })
    if (started === null) return
    onStarted?.(started.batch)
    onClose()
    navigate('run', started.batch)
  }
  const keys = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    void go()
  }

  return (
    <Dialog
      isOpen
      size="wide"
      role="alertdialog"
      title={t('confirm.title', { count: plans.length })}
      onClose={onClose}
      footer={
        // Ctrl + Enter works wherever the focus is; a text field keeps keys to itself otherwise.
        <div className="confirm-bottom" onKeyDownCapture={keys}>
          {challenge && (
            <Question challenge={challenge} typed={typed} onType={setTyped} state={state} seconds={seconds} />
          )}
          {start.problem && <ProblemBox problem={start.problem} title={t('confirm.notStarted')} />}
          <div className={`confirm-foot confirm-foot-${side}`} ref={foot}>
            <Button onPress={onClose}>{t('action.cancel')}</Button>
            <Button
              variant={erases ? 'danger' : 'primary'}
              isDisabled={state !== 'armed' || start.busy}
              onPress={() => void go()}
            >
              {t('confirm.start', { count: plans.length })}
            </Button>
          </div>
        </div>
      }
    >
      {/* Many plans scroll: the list takes the focus, so that the arrow keys move it. */}
      <section
        className="confirm"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        aria-label={t('confirm.title', { count: plans.length })}
        onKeyDownCapture={keys}
      >
        {problem && <ProblemBox problem={problem} />}
        {(challenge?.plans ?? plans).map((plan) => (
          <PlanCard key={plan.plan} plan={plan} />
        ))}
      </section>
    </Dialog>
  )
}

interface QuestionProps {
  readonly challenge: Challenge
  readonly typed: string
  onType(text: string): void
  readonly state: ReturnType<typeof confirmState>
  readonly seconds: number
}

function Question({ challenge: { kind, expected, plans }, typed, onType, state, seconds }: QuestionProps) {
  const t = useText()
  const [spell, setSpell] = useState(false)
  const serial = useStation(({ bench }) => bench.units.find(({ token }) => token === plans[0]?.unit)?.serial)
  const what = kind === 'count' ? 'count' : serial ? 'serial' : 'name'
  const icon = state === 'armed' ? 'good' : state === 'wrong' ? 'failed' : 'trying'
  return (
    <div className="confirm-question">
      <div className="confirm-expected">
        <span>{t(`confirm.${what}`)}</span>
        <bdi dir="ltr" className="confirm-code">
          {expected}
        </bdi>
        {kind === 'serial' && (
          <Button variant="quiet" onPress={() => setSpell(true)}>
            {t('confirm.spell')}
          </Button>
        )}
      </div>
      <p role="status" className={spell ? 'confirm-spelled' : 'visually-hidden'}>
        {spell && <bdi dir="ltr">{spelled(expected)}</bdi>}
      </p>
      <TextField
        label={kind === 'serial' ? t('confirm.typeSerial') : t('confirm.typeCount')}
        description={what === 'serial' ? t('confirm.typeHint') : t('confirm.typeHintShort')}
        value={typed}
        onChange={onType}
        error={state === 'wrong' ? t('confirm.wrong') : null}
        maxLength={100}
        autoFocus
        code
      />
      <p role="status" className={`confirm-state confirm-${state}`}>
        <Icon name={icon} />
        {state === 'waiting' ? t('confirm.waiting', { seconds }) : t(`confirm.state.${state}`)}
      </p>
    </div>
  )
}

/** Asked once per set of plans. */
function useChallenge(plans: readonly PlanView[]) {
  const { run, problem } = useCall('confirm.begin')
  const [challenge, setChallenge] = useState<Challenge | null>(null)
  const ids = plans.map(({ plan }) => plan).join(' ')
  useEffect(() => {
    run({ plans: ids.split(' ') }).then((answer) => answer && setChallenge(answer))
  }, [run, ids])
  return { challenge, problem }
}

const TICK_MS = 200

/** Seconds left until the host accepts a start, counted from when its question arrived. */
function useCountdown(challenge: Challenge | null): number {
  const [elapsed, setElapsed] = useState(0)
  const armAfter = challenge?.armAfterMs ?? 0
  useEffect(() => {
    if (challenge === null) return
    const since = performance.now()
    const timer = setInterval(() => {
      const now = performance.now() - since
      setElapsed(now)
      if (now >= challenge.armAfterMs) clearInterval(timer)
    }, TICK_MS)
    return () => clearInterval(timer)
  }, [challenge])
  return secondsToWait(elapsed, armAfter)
}

/** The start button changes sides when it would lie where the pointer was pressed last. */
function useSafeSide() {
  const [side, setSide] = useState<'end' | 'start'>('end')
  const foot = useRef<HTMLDivElement | null>(null)
  useLayoutEffect(() => {
    const check = (): void => {
      const button = foot.current?.lastElementChild
      if (button && isUnder(lastPointer(), button.getBoundingClientRect()))
        setSide((now) => (now === 'end' ? 'start' : 'end'))
    }
    check()
    // The dialog grows when the host's question arrives, and then its buttons move.
    const dialog = foot.current?.closest('.modal')
    if (!dialog) return
    const watch = new ResizeObserver(check)
    watch.observe(dialog)
    return () => watch.disconnect()
  }, [])
  return { foot, side }
}
