// The wish that this window puts together, kept while the person looks at other screens; the units are the bench's selection.
import { useMemo } from 'react'
import { create } from 'zustand'
import { useShallow } from 'zustand/shallow'
import type { PlanAnswer, UnitView } from '#contract/views.ts'
import { useMinute } from '#renderer/components/index.ts'
import { jobOf, useStation } from '#renderer/store/station.ts'
import { useUi } from '#renderer/store/ui.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { useDraft } from '../config/draft-store.ts'
import {
  type Bench,
  EMPTY_WISH,
  type Mode,
  nameOfCall,
  type PlanCall,
  type Planned,
  planCall,
  planFor,
  type Step,
  unitObstacle,
  type Wish,
} from './provision-state.ts'

interface ProvisionStore {
  readonly wish: Wish
  readonly step: Step
  readonly planned: Planned | null
}

export const useProvision = create<ProvisionStore>()(() => ({ wish: EMPTY_WISH, step: 'units', planned: null }))

export const changeWish = (change: Partial<Wish>): void =>
  useProvision.setState(({ wish }) => ({ wish: { ...wish, ...change } }))

export const goTo = (step: Step): void => useProvision.setState({ step })

/** Another mode begins at its first step; its plans are others. */
export const changeMode = (mode: Mode): void =>
  useProvision.setState(({ wish }) => ({ wish: { ...wish, mode, slot: null }, step: 'units', planned: null }))

/** The chosen units that may be written, and what there is to choose from. */
export function useBench(): Bench {
  const mode = useProvision(({ wish }) => wish.mode)
  const selection = useUi(({ selection: keys }) => keys)
  const [all, images, layouts, batches] = useStation(
    useShallow((station) => [station.bench.units, station.images, station.layouts, station.batches] as const),
  )
  const draft = useDraft((state) => state.draft)
  return useMemo(() => {
    const free = (unit: UnitView): boolean => unitObstacle(unit, jobOf({ batches }, unit.key), mode) === null
    return { units: all.filter((unit) => selection.has(unit.key) && free(unit)), images, layouts, draft }
  }, [all, images, layouts, batches, selection, mode, draft])
}

export interface Planning {
  /** Null while something is missing. */
  readonly call: PlanCall | null
  /** The plans of exactly this wish, if they were made. */
  readonly answer: PlanAnswer | null
  readonly busy: boolean
  readonly problem: ReturnType<typeof useCall>['problem']
  /** Makes them. */
  plan(): Promise<void>
}

export function usePlanning(): Planning {
  const bench = useBench()
  const { wish, planned } = useProvision(useShallow((state) => ({ wish: state.wish, planned: state.planned })))
  const minute = useMinute()
  const provision = useCall('plan.provision')
  const flash = useCall('plan.flash')
  const call = useMemo(() => planCall(wish, bench, new Date(minute)), [wish, bench, minute])
  const plan = async (): Promise<void> => {
    if (call === null) return
    const answer = await (call.call === 'plan.provision' ? provision.run(call.params) : flash.run(call.params))
    if (answer !== null) useProvision.setState({ planned: { name: nameOfCall(call), draft: bench.draft, answer } })
  }
  return {
    call,
    answer: planFor(planned, call, bench.draft),
    busy: provision.busy || flash.busy,
    problem: wish.mode === 'provision' ? provision.problem : flash.problem,
    plan,
  }
}
