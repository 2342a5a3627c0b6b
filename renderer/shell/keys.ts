// Keys that work on every screen. Never while somebody types or a dialog is open, and none of them confirms anything.
import { useEffect } from 'react'
import { useUi } from '../store/ui.ts'
import { type Shortcut, shortcutOf } from './shortcuts.ts'

/** The filter field of the screen marks itself with this attribute. */
export const FILTER_FIELD = 'data-filter-field'

/** So does the button that exports what the screen is about: spread it into the button's properties. */
export const EXPORTS = { 'data-export': '' } as const

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio]), textarea, select'))

const dialogOpen = (): boolean => document.querySelector('[role="dialog"], [role="alertdialog"]') !== null

const ACTIONS: Readonly<Record<Shortcut, () => void>> = {
  filter: () => document.querySelector<HTMLElement>(`[${FILTER_FIELD}] input, input[${FILTER_FIELD}]`)?.focus(),
  // Pressed like by a pointer: a button that cannot be used stays without effect.
  export: () => document.querySelector<HTMLElement>('main [data-export]:not(:disabled)')?.click(),
  help: () => useUi.setState({ helpOpen: true }),
  log: () => useUi.setState(({ logOpen }) => ({ logOpen: !logOpen })),
}

export function useShortcuts(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const shortcut = shortcutOf(event)
      if (shortcut === null || typing(event.target) || dialogOpen()) return
      event.preventDefault()
      ACTIONS[shortcut]()
    }
    // Before lists take letters as a search for a row.
    window.addEventListener('keydown', listen, { capture: true })
    return () => window.removeEventListener('keydown', listen, { capture: true })
  }, [])
}
