// Damaged environment blocks: what counts is whole, what cannot be saved in the first is saved in the spare, and when both
// are lost the note of the good slot decides.

import { encodeGoodNote } from '#format/boot-start.ts'
import { encodeBootEnv } from '#format/boot-state.ts'
import { encodeGrubenv } from '#format/grubenv.ts'
import { armTrial, type BootState, confirm, factoryState, NO_BOOT_STATE } from '#model/boot-state.ts'
import { filesOf } from '#testing/boot-simulator.ts'
import type { Scenario } from './decision-disk.ts'

const LOADS = { A: 'good', B: 'good' } as const
const FACTORY = factoryState('A')
const TRIAL = armTrial(FACTORY, 'B').after
const TWO_GOOD = confirm(FACTORY, 'B').after
const text = (value: string) => new TextEncoder().encode(value)
const HEADER = '# GRUB Environment Block\n'

const whole = (state: BootState) => encodeBootEnv(state, null)
const filled = (content: string) => text(`${HEADER}${content}`.padEnd(1024, '#'))
const HEADER_ONLY = filled('')
const NULS = Uint8Array.from({ length: 1024 }, (_, index) => HEADER.charCodeAt(index) || 0)
/** Readable, and GRUB cannot save into it. */
function unsavable(state: BootState): Uint8Array {
  const block = Uint8Array.from(whole(state))
  return block.fill(0, 512)
}

type Note = Uint8Array | null
const damaged = (
  name: string,
  [grubenv, grubenv2]: readonly [Uint8Array | null, Uint8Array | null],
  starts: number,
  more: { readonly state?: BootState; readonly note?: Note; readonly slots?: Scenario['slots'] } = {},
): Scenario => {
  const { state = TRIAL, slots = LOADS } = more
  const good = more.note === undefined ? encodeGoodNote(state.good) : more.note
  return { name, files: { ...filesOf(state), grubenv, grubenv2, good }, slots, starts }
}

const one: Scenario[] = [
  damaged('NULs behind the header of the first block: the spare counts', [NULS, whole(TRIAL)], 5),
  damaged('the first block is a header only: the spare counts', [HEADER_ONLY, whole(TRIAL)], 5),
  damaged('the first block names no good slot: the spare counts', [filled('ab_try=B\nab_left=3\n'), whole(TRIAL)], 5),
  damaged('the first block ends in the middle: counted in the spare', [whole(TRIAL).slice(0, 60), whole(TRIAL)], 5),
  damaged('the first block is 512 bytes long', [whole(TRIAL).slice(0, 512), whole(TRIAL)], 5),
  damaged('the first block cannot be saved: counted in the spare', [unsavable(TRIAL), whole(TRIAL)], 5),
  damaged('starts of a good slot are counted in the spare', [unsavable(TWO_GOOD), whole(TWO_GOOD)], 8, {
    state: TWO_GOOD,
  }),
  damaged('a stand-in is counted in the spare', [unsavable(FACTORY), whole(FACTORY)], 5, {
    state: FACTORY,
    slots: { A: 'no-kernel', B: 'good' },
  }),
  damaged('a value that ends with a backslash', [filled('ab_good=A\nab_left=\\\n'), whole(TRIAL)], 5),
  damaged('the spare is a header only', [whole(TRIAL), HEADER_ONLY], 5),
]

const both: Scenario[] = [
  damaged('neither can be saved: the good slot', [unsavable(TRIAL), unsavable(TRIAL)], 2),
  damaged('neither can be saved, both slots are good', [unsavable(TWO_GOOD), unsavable(TWO_GOOD)], 2, {
    state: TWO_GOOD,
  }),
  damaged('neither can be saved, the turn of A is over', [unsavable({ ...TWO_GOOD, starts: 0 }), null], 2, {
    state: TWO_GOOD,
  }),
  damaged('neither can be saved and nothing is good', [unsavable(armTrial(NO_BOOT_STATE, 'B').after), null], 2, {
    state: armTrial(NO_BOOT_STATE, 'B').after,
  }),
  damaged('the good slot does not load, and its stand-in cannot be counted', [unsavable(FACTORY), null], 2, {
    state: FACTORY,
    slots: { A: 'empty', B: 'good' },
  }),
]

const lost: Scenario[] = [
  damaged('both are missing: the good slot of the note, never the trial', [null, null], 3),
  damaged('both are missing, and the note as well: the wanted slot', [null, null], 2, { note: null }),
  damaged('both are missing, the note names the wanted slot', [null, null], 2, { note: encodeGoodNote('B') }),
  damaged('both are missing, the note says that nothing is good', [null, null], 2, { note: encodeGoodNote(null) }),
  damaged('both are missing, the note is damaged', [null, null], 2, { note: text('set active_partition="A"') }),
  damaged('both are missing, the note is not one slot', [null, null], 2, {
    note: text('set active_partition="A"\nB\n'),
  }),
  damaged('both are missing and the noted slot does not load: the trial does not boot uncounted', [null, null], 2, {
    slots: { A: 'bad-digest', B: 'good' },
  }),
  damaged('both are missing, nothing is noted, and the wanted slot does not load', [null, null], 2, {
    note: null,
    slots: { A: 'good', B: 'empty' },
  }),
  damaged('both are headers only: counted there, then the good slot of the note', [HEADER_ONLY, HEADER_ONLY], 5),
  damaged('both are headers only and nothing is noted', [HEADER_ONLY, HEADER_ONLY], 8, { note: null }),
  damaged('both have NULs behind the header', [NULS, NULS], 2),
  damaged('both have NULs behind the header and nothing is noted', [NULS, NULS], 2, { note: null }),
  damaged('both name a slot that there is not', [filled('ab_good=C\nab_b=bad\n'), null], 2),
  damaged(
    'nothing is noted, and a mark survived',
    [`${HEADER}ab_b=bad\n`, null].map((each) => each && text(each)) as [Uint8Array, null],
    2,
    {
      note: null,
    },
  ),
]

const disagree: Scenario[] = [
  damaged('the first block has more tries than the spare', [whole(TRIAL), whole({ ...TRIAL, left: 1 })], 5),
  damaged('the spare has more tries', [whole({ ...TRIAL, left: 0 }), whole(TRIAL)], 2),
  damaged('the copies name different good slots', [whole(FACTORY), whole(TWO_GOOD)], 2, { state: TWO_GOOD }),
  damaged(
    'the first cannot be saved, the spare has used up the tries',
    [unsavable(TRIAL), whole({ ...TRIAL, left: 0 })],
    2,
  ),
  damaged('the spare is older than a confirmation', [whole(TWO_GOOD), whole(TRIAL)], 3, { state: TWO_GOOD }),
]

const room = encodeGrubenv(
  new Map([
    ['ab_good', 'A'],
    ['ab_a', 'good'],
    ['ab_b', 'good'],
    ['ab_starts', '6'],
    ['fill', 'x'.repeat(935)],
  ]),
)
const crowded: Scenario[] = [
  damaged('no room to add whose turn it is', [room, room], 2, { state: { ...TWO_GOOD, wanted: 'A', good: 'A' } }),
]

export const DAMAGE_SCENARIOS: readonly Scenario[] = [...one, ...both, ...lost, ...disagree, ...crowded]
