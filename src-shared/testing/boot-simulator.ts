// One start of the machine for tests of planners and power cuts that cannot start QEMU ten thousand times: the very function
// that tells people what boots next. e2e/vm/grub-decisions.test.ts holds it against GRUB.
import { encodeAbState } from '#format/ab-state.ts'
import { encodeGoodNote, laterBootOf, nextBootOf } from '#format/boot-start.ts'
import { type BootFiles, encodeBootEnv } from '#format/boot-state.ts'
import type { BootState, NextBoot } from '#model/boot-state.ts'
import type { SlotRecords } from '#model/slot.ts'

export { type Start as SimulatedBoot, startOf as simulateBoot } from '#format/boot-start.ts'

/** The boot files of a state as our programs write them, both blocks alike. */
export function filesOf(state: BootState): BootFiles {
  const env = encodeBootEnv(state, null)
  const ab_state = state.wanted && encodeAbState(state.wanted)
  return { ab_state, grubenv: env, grubenv2: env, good: encodeGoodNote(state.good) }
}

/** What such files boot next. */
export const nextOf = (state: BootState, records: SlotRecords): NextBoot | null => nextBootOf(filesOf(state), records)

/** Where they boot nothing: what they do when the rescue menu has waited. */
export const laterOf = (state: BootState, records: SlotRecords): NextBoot | null => laterBootOf(filesOf(state), records)
