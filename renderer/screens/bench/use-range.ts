// Shift and a click choose everything from the unit that was clicked last to this one, in whatever part of the row it fell.
import { type MouseEvent, useRef } from 'react'
import { selectUnits, useUi } from '#renderer/store/ui.ts'
import { rangeBetween } from './bench-rules.ts'

/** For `onClickCapture` around rows that carry the unit's key as `data-unit` or `data-key`; `keys`: those that may be chosen. */
export function useRange(keys: readonly string[]): (event: MouseEvent) => void {
  const anchor = useRef<string | null>(null)
  return (event) => {
    const row = event.target instanceof Element ? event.target.closest('[data-unit], [role="row"][data-key]') : null
    const key = row?.getAttribute('data-unit') ?? row?.getAttribute('data-key') ?? null
    if (key === null) return
    if (!event.shiftKey || anchor.current === null) {
      // The click that a label hands on to its box comes without Shift's meaning.
      if (event.detail > 0 || anchor.current === null) anchor.current = key
      return
    }
    event.preventDefault()
    event.stopPropagation()
    selectUnits(new Set([...useUi.getState().selection, ...rangeBetween(keys, anchor.current, key)]))
  }
}
