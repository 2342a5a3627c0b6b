// Boot files and slots as they can be met, with what is promised for the notable ones; see docs/format/esp.md.
import { abStateForms } from '#format/ab-state.ts'
import { type BootFiles, encodeBootEnv, factoryFiles, overwritesOf } from '#format/boot-state.ts'
import { encodeGrubenv } from '#format/grubenv.ts'
import { armTrial, type BootState, confirm, factoryState, markBad, NO_BOOT_STATE } from '#model/boot-state.ts'
import { filesOf } from '#testing/boot-simulator.ts'
import { CONFIRMED_SCENARIOS } from './confirmed-scenarios.ts'
import { DAMAGE_SCENARIOS } from './damage-scenarios.ts'
import type { Scenario } from './decision-disk.ts'
import { seededBytes } from './seeded.ts'

const text = (value: string) => new TextEncoder().encode(value)
const FACTORY = factoryState('A')
const BOTH = { A: 'good', B: 'good' } as const

/** B is wanted, and nobody has ever confirmed a slot. */
const UNPROVEN = filesOf(armTrial(NO_BOOT_STATE, 'B').after)
const TRIAL = filesOf(armTrial(FACTORY, 'B').after)
const TRIAL_ENV = encodeBootEnv(armTrial(FACTORY, 'B').after, null)
const GOOD_B = filesOf(confirm(FACTORY, 'B').after)
const withState = (content: Uint8Array | null): BootFiles => ({ ...GOOD_B, ab_state: content })
const withEnv = (grubenv: Uint8Array | null, grubenv2: Uint8Array | null = grubenv): BootFiles => ({
  ...TRIAL,
  grubenv,
  grubenv2,
})

/** After each overwrite of a transition: what power lost in between leaves. */
function prefixes(name: string, from: BootState, to: (state: BootState) => ReturnType<typeof armTrial>): Scenario[] {
  let files = filesOf(from)
  return overwritesOf(to(from), files).map(({ file, bytes }, index) => {
    files = { ...files, [file]: bytes }
    return { name: `${name}, power lost after write ${index + 1} (${file})`, files, slots: BOTH, starts: 2 }
  })
}

const zeroSecondSector = (block: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(block)
  copy.fill(0, 512)
  return copy
}

const block = (...rows: [string, string][]) => encodeGrubenv(new Map(rows))

const states: Scenario[] = [
  { name: 'factory state', files: factoryFiles('A'), slots: BOTH, starts: 2 },
  { name: 'slot B confirmed', files: GOOD_B, slots: BOTH, starts: 2 },
  { name: 'trial of B: three counted starts, then A for good', files: TRIAL, slots: BOTH, starts: 5 },
  {
    name: 'boot once: one counted start, then A',
    files: filesOf(armTrial(FACTORY, 'B', 1).after),
    slots: BOTH,
    starts: 3,
  },
  {
    name: 'the counter belongs to the other slot',
    files: filesOf({ ...FACTORY, wanted: 'B', trying: 'A', left: 0 }),
    slots: BOTH,
    starts: 5,
  },
  {
    name: 'good slot marked bad: the other one is tried',
    files: filesOf(markBad(FACTORY, 'A').after),
    slots: BOTH,
    starts: 5,
  },
  {
    name: 'nothing known but the wanted slot',
    files: filesOf({ ...NO_BOOT_STATE, wanted: 'B' }),
    slots: BOTH,
    starts: 5,
  },
  ...prefixes('arming B', FACTORY, (state) => armTrial(state, 'B')),
  ...prefixes('confirming B', armTrial(FACTORY, 'B').after, (state) => confirm(state, 'B')),
  ...prefixes('marking B bad', confirm(FACTORY, 'B').after, (state) => markBad(state, 'B')),
]

const slots: Scenario[] = [
  ...(['empty', 'no-kernel', 'no-initrd', 'zeroed-tables', 'bad-digest'] as const).flatMap((kind) => [
    {
      name: `trial of B, B is ${kind}: A in the same start`,
      files: TRIAL,
      slots: { A: 'good', B: kind },
      starts: 2,
    } as const,
    {
      name: `A is good and wanted, A is ${kind}: B in the same start`,
      files: factoryFiles('A'),
      slots: { A: kind, B: 'good' },
      starts: 2,
    } as const,
  ]),
  {
    name: 'no tries left and no good slot: the other slot gets three counted starts, then after the rescue menu all begins anew',
    files: filesOf({ ...armTrial(NO_BOOT_STATE, 'B').after, left: 1 }),
    slots: BOTH,
    starts: 7,
  },
  {
    name: 'no good slot, and the other one does not load: the rescue menu after three starts',
    files: UNPROVEN,
    slots: { A: 'bad-digest', B: 'good' },
    starts: 5,
  },
  {
    name: 'no good slot, and the wanted one does not load: the other one, then counted, then the rescue menu',
    files: UNPROVEN,
    slots: { A: 'good', B: 'bad-digest' },
    starts: 6,
  },
  {
    name: 'no good slot, no tries left and no way to count: the rescue menu',
    files: withEnv(zeroSecondSector(block(['ab_try', 'B'], ['ab_left', '0'], ['ab_failed', 'B']))),
    slots: BOTH,
    starts: 2,
  },
  {
    name: 'no tries left and the good slot does not load: the rescue menu',
    files: filesOf({ ...armTrial(FACTORY, 'B').after, left: 0 }),
    slots: { A: 'no-kernel', B: 'good' },
    starts: 2,
  },
  { name: 'neither slot loads', files: TRIAL, slots: { A: 'empty', B: 'no-kernel' }, starts: 2 },
  { name: 'confirmed slot in xz', files: factoryFiles('A'), slots: { A: 'good-xz', B: 'empty' }, starts: 1 },
]

const wanted: Scenario[] = [
  ...abStateForms('A').map((form) => ({ name: `ab_state ${JSON.stringify(form)}`, content: text(form) })),
  ...abStateForms('B').map((form) => ({ name: `ab_state ${JSON.stringify(form)}`, content: text(form) })),
  { name: 'ab_state missing', content: null },
  { name: 'ab_state empty', content: text('') },
  { name: 'ab_state of NULs', content: new Uint8Array(25) },
  { name: 'ab_state of 0xFF', content: new Uint8Array(25).fill(0xff) },
  { name: 'ab_state random, 4 KB', content: seededBytes('4k', 4096) },
  { name: 'ab_state random, 256 KB', content: seededBytes('256k', 262144) },
  ...[
    'set active_partition="A',
    'set active_partition="C"\n',
    'set active_partition="a"\n',
    'a\n',
    'if [ "$x" = A ]; then\nset active_partition="A"\n',
    'set active_partition="A"\nhalt\n',
    'set active_partition="A" \n',
    '\nA\n',
  ].map((form) => ({ name: `ab_state ${JSON.stringify(form)}`, content: text(form) })),
].map(({ name, content }) => ({ name, files: withState(content), slots: BOTH, starts: 1 }))

const environments: Scenario[] = [
  { name: 'environment missing', files: withEnv(null) },
  { name: 'environment empty', files: withEnv(text('')) },
  { name: 'environment zeroed', files: withEnv(new Uint8Array(1024)) },
  { name: 'environment random', files: withEnv(seededBytes('env', 1024)) },
  { name: 'environment is a header only', files: withEnv(text('# GRUB Environment Block\n')) },
  { name: 'environment of 512 bytes', files: withEnv(TRIAL_ENV.slice(0, 512)) },
  { name: 'environment of 60 bytes', files: withEnv(TRIAL_ENV.slice(0, 60)) },
  { name: 'first block missing, the spare copy counts', files: withEnv(null, TRIAL_ENV) },
  { name: 'first block zeroed, the spare copy counts', files: withEnv(new Uint8Array(1024), TRIAL_ENV) },
  { name: 'spare copy missing', files: withEnv(TRIAL_ENV, null) },
  { name: 'spare copy random', files: withEnv(TRIAL_ENV, seededBytes('spare', 1024)) },
  { name: 'second sector zeroed: cannot count, so the good slot', files: withEnv(zeroSecondSector(TRIAL_ENV)) },
  {
    name: 'second sector zeroed in the first block only',
    files: withEnv(zeroSecondSector(TRIAL_ENV), TRIAL_ENV),
  },
  {
    name: 'no good slot and no way to count',
    files: withEnv(zeroSecondSector(block(['ab_try', 'B'], ['ab_left', '2']))),
  },
  { name: 'only ab_good', files: withEnv(block(['ab_good', 'A'])) },
  {
    name: 'unknown tries',
    files: withEnv(block(['ab_good', 'A'], ['ab_try', 'B'], ['ab_left', '9'], ['ab_failed', ''])),
  },
  { name: 'unknown good slot', files: withEnv(block(['ab_good', 'C'], ['ab_try', 'B'], ['ab_left', '1'])) },
  {
    name: 'variables of others',
    files: withEnv(
      block(
        ['ab_good', 'A'],
        ['ab_try', ''],
        ['ab_left', '3'],
        ['ab_failed', ''],
        ['next_entry', 'x y'],
        ['other', 'a\\b'],
      ),
    ),
  },
  {
    name: 'a variable twice',
    files: withEnv(text(`# GRUB Environment Block\nab_good=B\nab_good=A\nab_left=1\nab_try=B\n${'#'.repeat(900)}`)),
  },
  { name: 'no room to add the counter', files: withEnv(block(['ab_good', 'A'], ['fill', 'x'.repeat(970)])) },
  {
    name: 'text that looks like commands',
    files: withEnv(block(['ab_good', '$(halt)'], ['ab_try', 'B; halt'], ['ab_left', '"'])),
  },
].map((scenario) => ({ ...scenario, slots: BOTH, starts: 2 }))

export const SCENARIOS: readonly Scenario[] = [
  ...states,
  ...slots,
  ...wanted,
  ...environments,
  ...CONFIRMED_SCENARIOS,
  ...DAMAGE_SCENARIOS,
]
