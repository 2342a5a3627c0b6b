// Where the pointer was pressed last: a button that destroys never appears at that place.
import type { Point } from './confirm-rules.ts'

let last: Point | null = null

const options = { capture: true, passive: true }

window.addEventListener(
  'pointerdown',
  ({ clientX, clientY }) => {
    last = { x: clientX, y: clientY }
  },
  options,
)
window.addEventListener(
  'keydown',
  () => {
    last = null
  },
  options,
)

/** Null when the keyboard was used last. */
export const lastPointer = (): Point | null => last
