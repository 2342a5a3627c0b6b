// Starts of confirmed slots, of slots that are marked bad, and of those that stand in for a slot which does not load.
import { encodeGrubenv } from '#format/grubenv.ts'
import { armTrial, type BootState, confirm, factoryState, markBad, NO_BOOT_STATE, select } from '#model/boot-state.ts'
import { filesOf } from '#testing/boot-simulator.ts'
import type { Scenario } from './decision-disk.ts'

const LOADS = { A: 'good', B: 'good' } as const
const FACTORY = factoryState('A')
const B_OF_TWO = confirm(FACTORY, 'B').after
const A_OF_TWO = select(B_OF_TWO, 'A').after
const scenario = (name: string, state: BootState, starts: number, slots: Scenario['slots'] = LOADS): Scenario => ({
  name,
  files: filesOf(state),
  slots,
  starts,
})

const block = (...rows: [string, string][]) => encodeGrubenv(new Map(rows))
const raw = (name: string, rows: [string, string][], starts: number): Scenario => {
  const env = block(...rows)
  return { name, files: { ...filesOf(A_OF_TWO), grubenv: env, grubenv2: env }, slots: LOADS, starts }
}
const TWO_GOOD: [string, string][] = [
  ['ab_good', 'A'],
  ['ab_a', 'good'],
  ['ab_b', 'good'],
]

const patience: Scenario[] = [
  scenario('confirmed B never comes up: six starts, then good A has six, then B again', B_OF_TWO, 14),
  scenario('confirmed A never comes up: six starts, then good B', A_OF_TWO, 8),
  ...[6, 5, 4, 3, 2, 1, 0].map((starts) => scenario(`${starts} starts left`, { ...A_OF_TWO, starts }, 2)),
  scenario('it is the turn of the other slot', { ...A_OF_TWO, run: 'B', starts: 1 }, 3),
  scenario('starts of old boot files are not counted', { ...A_OF_TWO, starts: null }, 2),
  raw('starts that are none of ours begin anew', [...TWO_GOOD, ['ab_starts', 'x'], ['ab_run', 'C']], 2),
  raw('more starts than there are', [...TWO_GOOD, ['ab_starts', '9']], 2),
  raw('a block from before the count', TWO_GOOD, 2),
  scenario('without another good slot nothing is counted', FACTORY, 3),
  scenario('the good slot does not load, the other good one boots and is not lost', A_OF_TWO, 9, {
    A: 'no-kernel',
    B: 'good',
  }),
]

const bad: Scenario[] = [
  scenario('B was wanted and is marked bad: A boots for ever, B never', markBad(B_OF_TWO, 'B').after, 9),
  scenario('the wanted slot is marked bad', { ...B_OF_TWO, marks: { A: 'good', B: 'bad' } }, 3),
  scenario(
    'A is marked bad, B was never confirmed: three counted starts, the rescue menu, and again',
    markBad(FACTORY, 'A').after,
    5,
  ),
  scenario('both are marked bad', { ...B_OF_TWO, marks: { A: 'bad', B: 'bad' } }, 2),
  scenario(
    'the good slot does not load, the other one is marked bad: the rescue menu',
    markBad(FACTORY, 'B').after,
    2,
    {
      A: 'bad-digest',
      B: 'good',
    },
  ),
  scenario(
    'a trial of a slot while the other one is marked bad',
    { ...armTrial(NO_BOOT_STATE, 'B').after, marks: { A: 'bad', B: null } },
    5,
  ),
]

const standIns: Scenario[] = [
  scenario('A does not load, B was never confirmed: three counted starts, the rescue menu, and again', FACTORY, 5, {
    A: 'no-kernel',
    B: 'good',
  }),
  scenario(
    'neither was confirmed, the wanted one does not load: three counted starts',
    armTrial(NO_BOOT_STATE, 'B').after,
    5,
    {
      A: 'good',
      B: 'empty',
    },
  ),
  scenario('A does not load, B has failed before: the rescue menu, then B is tried', { ...FACTORY, failed: 'B' }, 2, {
    A: 'no-kernel',
    B: 'good',
  }),
  scenario('boot once of a good slot: one start, then the other good one', armTrial(A_OF_TWO, 'B', 1).after, 4),
  scenario('boot once of the good slot itself', armTrial(A_OF_TWO, 'A', 1).after, 2),
  scenario('boot once while nothing else is good', armTrial(NO_BOOT_STATE, 'B', 1).after, 6),
]

export const CONFIRMED_SCENARIOS: readonly Scenario[] = [...patience, ...bad, ...standIns]
