// When the start button of a confirmation may be pressed, and where it may be. Pure; the host judges again by itself, so
// that nothing here is a protection, only a courtesy.

/** Ignores case and white space; what was pasted counts as typed. */
const plain = (text: string): string => text.replace(/\s+/g, '').toLowerCase()

export const typedFits = (typed: string, expected: string): boolean => plain(typed) === plain(expected)

/** Whole seconds until the start is possible: 0 = armed. */
export const secondsToWait = (elapsedMs: number, armAfterMs: number): number =>
  Math.max(0, Math.ceil((armAfterMs - elapsedMs) / 1000))

export type ConfirmState = 'type' | 'wrong' | 'waiting' | 'armed'

/** What is still missing; only `armed` may start. */
export function confirmState(typed: string, expected: string, secondsLeft: number): ConfirmState {
  if (plain(typed) === '') return 'type'
  // Somebody in the middle of typing is not told off.
  if (!typedFits(typed, expected)) return plain(expected).startsWith(plain(typed)) ? 'type' : 'wrong'
  return secondsLeft > 0 ? 'waiting' : 'armed'
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** A second click of a trembling hand lands within this many pixels. */
const MARGIN = 24

/** Would a pointer that stayed where it was press this button? */
export const isUnder = (point: Point | null, { left, right, top, bottom }: Box): boolean =>
  point !== null &&
  point.x >= left - MARGIN &&
  point.x <= right + MARGIN &&
  point.y >= top - MARGIN &&
  point.y <= bottom + MARGIN

/** Character by character, for whoever compares with a label: `4F2A91` -> `4 F 2 A 9 1`. */
export const spelled = (text: string): string => [...text.toUpperCase()].join(' ')
