// What a person has put together for writing: mode, image, layout, slots, config. Pure. Promises: nothing is chosen that was
// not chosen by hand; what may not be chosen says why; a plan belongs to exactly the wish it was made from.
import type { ConsoleParams } from '#contract/console.ts'
import type {
  ConfigDraftView,
  ImageView,
  LayoutView,
  PlanAnswer,
  Problem,
  Token,
  UnitJobView,
  UnitView,
} from '#contract/views.ts'
import { otherSlot, type Slot } from '#model/slot.ts'

/** Provision erases the disk; repair overwrites one slot and keeps the data. */
export type Mode = 'provision' | 'repair'

export const STEPS = {
  provision: ['units', 'image', 'layout', 'config', 'review'],
  repair: ['units', 'image', 'slot', 'review'],
} as const satisfies Record<Mode, readonly string[]>
export type Step = (typeof STEPS)[Mode][number]

export interface Wish {
  readonly mode: Mode
  readonly image: Token | null
  /** Brings the boot files when the image has none. */
  readonly boot: Token | null
  readonly layout: string | null
  readonly slots: Slot | 'both'
  /** Repair: which slot is written. */
  readonly slot: Slot | null
  readonly changedOnly: boolean
  /** The files of this draft become /config of this one unit (its key); chosen for it by hand, and for no other. */
  readonly config: { readonly draft: Token; readonly unit: string } | null
  /** Repair and provision: why an older release is wanted; empty = it is not. */
  readonly olderReason: string
}

export const EMPTY_WISH: Wish = {
  mode: 'provision',
  image: null,
  boot: null,
  layout: null,
  slots: 'A',
  slot: null,
  changedOnly: true,
  config: null,
  olderReason: '',
}

/** Why a unit is not offered; null = it may be chosen. `refused`: see its refusals. */
export type UnitObstacle = 'refused' | 'busy' | 'looking' | 'not-an-appliance'

const ENDED = new Set<UnitJobView['state']>(['verified', 'failed', 'stopped'])

export const isBusy = (job: UnitJobView | null): boolean => job !== null && !ENDED.has(job.state)

export function unitObstacle(unit: UnitView, job: UnitJobView | null, mode: Mode): UnitObstacle | null {
  if (isBusy(job)) return 'busy'
  if (unit.refusals.length > 0) return 'refused'
  // One that somebody else writes stays chosen: the host plans by what is there, and refuses what was changed since.
  if (unit.content === 'looking') return 'looking'
  if (mode === 'repair' && unit.recovery === null) return 'not-an-appliance'
  return null
}

export type ImageObstacle = 'checking' | 'bad' | 'expired'

export function imageObstacle({ state, expires }: ImageView, now: Date): ImageObstacle | null {
  if (state === 'checking' || state === 'bad') return state
  return expires !== null && new Date(expires) <= now ? 'expired' : null
}

/** Images that can bring boot files for one that has none. */
export const bootSources = (images: readonly ImageView[], now: Date): readonly ImageView[] =>
  images.filter((image) => image.hasBootFiles && imageObstacle(image, now) === null)

/** The chosen units that are too small for a layout. */
export const tooSmallFor = (layout: LayoutView, units: readonly UnitView[]): readonly UnitView[] =>
  units.filter(({ size }) => size < layout.minimum)

export interface Bench {
  /** The chosen ones that can be written. */
  readonly units: readonly UnitView[]
  readonly images: readonly ImageView[]
  readonly layouts: readonly LayoutView[]
  /** What is open under Config & restore. */
  readonly draft: ConfigDraftView | null
}

/** What a step still needs. */
export type Missing =
  | 'units'
  | 'image'
  | 'boot'
  | 'layout'
  | 'layout-too-large'
  | 'slot'
  | 'config'
  | 'config-unit'
  | 'config-mistakes'

export function missingIn(step: Step, wish: Wish, bench: Bench, now: Date): Missing | null {
  switch (step) {
    case 'units':
      return bench.units.length === 0 ? 'units' : null
    case 'image':
      return missingImage(wish, bench, now)
    case 'layout': {
      const layout = bench.layouts.find(({ name }) => name === wish.layout)
      if (!layout) return 'layout'
      const small = tooSmallFor(layout, bench.units)
      return small.length > 0 && small.length === bench.units.length ? 'layout-too-large' : null
    }
    case 'slot':
      return wish.slot === null ? 'slot' : null
    case 'config':
      if (wish.config === null) return null
      if (bench.draft?.draft !== wish.config.draft) return 'config'
      if (bench.units.length !== 1 || bench.units[0].key !== wish.config.unit) return 'config-unit'
      return bench.draft.problems.length > 0 ? 'config-mistakes' : null
    case 'review':
      return null
  }
}

function missingImage(wish: Wish, { images }: Bench, now: Date): Missing | null {
  const image = images.find(({ token }) => token === wish.image)
  if (!image || imageObstacle(image, now) !== null) return 'image'
  if (wish.mode === 'repair' || image.hasBootFiles) return null
  return bootSources(images, now).some(({ token }) => token === wish.boot) ? null : 'boot'
}

/** Everything that stands between the wish and a plan, in the order of the steps. */
export const allMissing = (wish: Wish, bench: Bench, now: Date): readonly (readonly [Step, Missing])[] =>
  STEPS[wish.mode].flatMap((step: Step) => {
    const missing = missingIn(step, wish, bench, now)
    return missing === null ? [] : [[step, missing] as const]
  })

export type PlanCall =
  | { readonly call: 'plan.provision'; readonly params: ConsoleParams<'plan.provision'> }
  | { readonly call: 'plan.flash'; readonly params: ConsoleParams<'plan.flash'> }

/** The call that plans this wish; null while something is missing. */
export function planCall(wish: Wish, bench: Bench, now: Date): PlanCall | null {
  if (wish.image === null || allMissing(wish, bench, now).length > 0) return null
  const units = bench.units.map(({ token }) => token)
  const allowOlder = wish.olderReason.trim() || null
  const { image } = wish
  if (wish.mode === 'repair') {
    if (wish.slot === null) return null
    return { call: 'plan.flash', params: { units, image, slot: wish.slot, changedOnly: wish.changedOnly, allowOlder } }
  }
  if (wish.layout === null) return null
  const own = bench.images.find(({ token }) => token === image)?.hasBootFiles ?? false
  const config = wish.config?.draft ?? null
  return {
    call: 'plan.provision',
    params: { units, image, boot: own ? null : wish.boot, layout: wish.layout, slots: wish.slots, config, allowOlder },
  }
}

/** Two wishes with the same name have the same plans. */
export const nameOfCall = (call: PlanCall | null): string => (call === null ? '' : JSON.stringify(call))

/** A plan is shown only together with the wish, and the state of the draft, that it was made from. */
export interface Planned {
  readonly name: string
  readonly draft: ConfigDraftView | null
  readonly answer: PlanAnswer
}

export const planFor = (
  planned: Planned | null,
  call: PlanCall | null,
  draft: ConfigDraftView | null,
): PlanAnswer | null =>
  planned !== null && call !== null && planned.name === nameOfCall(call) && planned.draft === draft
    ? planned.answer
    : null

/** What a plan does nevertheless when somebody has a reason for it, which stays on the disk. */
const NEEDS_REASON: ReadonlySet<string> = new Set([
  ...['release.older-counter', 'release.older-version', 'release.no-version', 'release.other-product'],
])

/** Was a unit refused only for what a reason allows? Then one may be given. */
export const refusedWithoutReason = (refusals: readonly Problem[]): boolean =>
  refusals.length > 0 && refusals.every(({ code }) => NEEDS_REASON.has(code))

export const bytesOfPlans = ({ plans }: PlanAnswer): number => plans.reduce((sum, { bytes }) => sum + bytes, 0)

/** The slot that the disks of a repair do not boot: the safe one to write. Null when they disagree. */
export function spareSlot(units: readonly UnitView[]): Slot | null {
  const spares = new Set(units.map(({ recovery }) => (recovery?.bootsNext ? otherSlot(recovery.bootsNext.slot) : null)))
  const [only] = spares
  return spares.size === 1 ? (only ?? null) : null
}
