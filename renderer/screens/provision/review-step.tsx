// The last step: per unit what will be erased and what will be kept, the plan's number, the image and its signer, refused
// units with their reasons. Start opens the confirmation; nothing is written from here.
import { useEffect, useState } from 'react'
import type { PlanAnswer } from '#contract/views.ts'
import {
  Button,
  Bytes,
  Card,
  Facts,
  Fingerprint,
  Icon,
  Notice,
  ProblemBox,
  ProblemList,
  shortName,
  TextField,
  Time,
} from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { selectUnits } from '#renderer/store/ui.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { closeDraft } from '../config/draft-store.ts'
import { ConfirmDialog } from '../confirm/confirm-dialog.tsx'
import { PlanCard } from '../confirm/plan-card.tsx'
import { allMissing, bytesOfPlans, EMPTY_WISH, nameOfCall, refusedWithoutReason } from './provision-state.ts'
import { changeWish, goTo, useBench, usePlanning, useProvision } from './provision-store.ts'

export function ReviewStep() {
  const t = useText()
  const { wish } = useProvision()
  const bench = useBench()
  const planning = usePlanning()
  const missing = allMissing(wish, bench, new Date())
  useFirstPlan(planning)
  if (missing.length > 0)
    return (
      <Notice tone="info" title={t('provision.reviewMissing')}>
        <ul className="missing-list">
          {missing.map(([step, what]) => (
            <li key={step}>
              <Button variant="quiet" icon="arrow" onPress={() => goTo(step)}>
                {t(`provision.missing.${what}`)}
              </Button>
            </li>
          ))}
        </ul>
      </Notice>
    )
  return (
    <>
      <ImageFacts />
      <p role="status" className={planning.busy ? '' : 'visually-hidden'}>
        {planning.busy && t('provision.planning')}
      </p>
      {planning.problem && <ProblemBox problem={planning.problem} />}
      {planning.answer && <Refused answer={planning.answer} />}
      {planning.answer?.plans.map((plan) => (
        <PlanCard key={plan.plan} plan={plan} detailed />
      ))}
      <div className="provision-buttons">
        <Button isDisabled={planning.busy} onPress={() => void planning.plan()}>
          {t('provision.planAgain')}
        </Button>
        {planning.answer && <StartButton answer={planning.answer} />}
      </div>
    </>
  )
}

/** The review makes its plan by itself, once for each wish; what failed is repeated by hand. */
function useFirstPlan({ call, answer, busy, plan }: ReturnType<typeof usePlanning>): void {
  const name = nameOfCall(call)
  const [tried, setTried] = useState('')
  useEffect(() => {
    if (name === '' || answer !== null || busy || tried === name) return
    setTried(name)
    void plan()
  }, [name, answer, busy, tried, plan])
}

function StartButton({ answer }: { readonly answer: PlanAnswer }) {
  const t = useText()
  const [asking, setAsking] = useState(false)
  const started = (): void => {
    selectUnits([])
    if (useProvision.getState().wish.config !== null) closeDraft()
    useProvision.setState(({ wish }) => ({
      wish: { ...wish, olderReason: EMPTY_WISH.olderReason, config: EMPTY_WISH.config },
      step: 'units',
      planned: null,
    }))
  }
  return (
    <>
      <Button variant="primary" isDisabled={answer.plans.length === 0} onPress={() => setAsking(true)}>
        {t('provision.start', { count: answer.plans.length })}
      </Button>
      {asking && <ConfirmDialog plans={answer.plans} onStarted={started} onClose={() => setAsking(false)} />}
    </>
  )
}

function ImageFacts() {
  const t = useText()
  const { wish } = useProvision()
  const { answer } = usePlanning()
  const image = useStation(({ images }) => images.find(({ token }) => token === wish.image))
  if (!image) return null
  return (
    <Card>
      <Facts
        rows={[
          [t('provision.step.image'), <bdi key="name">{image.name}</bdi>],
          [
            t('provision.signer'),
            image.signer ? (
              <>
                <bdi>{image.signer.name}</bdi> <Fingerprint value={image.signer.fingerprint} />
              </>
            ) : (
              t('provision.noSigner')
            ),
          ],
          [
            t('provision.imageExpires'),
            image.expires === null ? t('provision.imageNoEnd') : <Time key="expires" at={image.expires} />,
          ],
          [t('plan.bytes'), answer === null ? '–' : <Bytes key="bytes" value={bytesOfPlans(answer)} />],
        ]}
      />
    </Card>
  )
}

function Refused({ answer: { refused } }: { readonly answer: PlanAnswer }) {
  const t = useText()
  const units = useStation(({ bench }) => bench.units)
  if (refused.length === 0) return null
  return (
    <Card title={t('provision.refusedTitle', { count: refused.length })}>
      <ul className="unit-list">
        {refused.map(({ unit, refusals }) => {
          const found = units.find(({ token }) => token === unit)
          return (
            <li key={unit} className="unit-row unit-facts">
              <p className="unit-obstacle">
                <Icon name="failed" />
                <b>
                  <bdi>{found ? shortName(found) : t('provision.unitGone')}</bdi>
                </b>
              </p>
              <ProblemList problems={refusals} tone="danger" />
            </li>
          )
        })}
      </ul>
      {refused.some(({ refusals }) => refusedWithoutReason(refusals)) && <OlderReason />}
    </Card>
  )
}

/** An older release, or one for another product than the disk held, is written only with a reason, which stays on the disk. */
function OlderReason() {
  const t = useText()
  const [reason, setReason] = useState('')
  const allow = (): void => {
    if (reason.trim() !== '') changeWish({ olderReason: reason })
  }
  return (
    <div className="older">
      <TextField
        label={t('provision.olderLabel')}
        description={t('provision.olderHint')}
        value={reason}
        onChange={setReason}
        onEnter={allow}
        maxLength={500}
      />
      <Button isDisabled={reason.trim() === ''} onPress={allow}>
        {t('provision.olderAllow')}
      </Button>
    </div>
  )
}
