// A and B, for what a slot's record is built of; everybody else has them from slot.ts.

export type Slot = 'A' | 'B'
export const SLOTS: readonly Slot[] = ['A', 'B']
export const otherSlot = (slot: Slot): Slot => (slot === 'A' ? 'B' : 'A')
