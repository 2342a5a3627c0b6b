// Keys that work on every screen. Never while somebody types or a dialog is open, and none of them confirms anything.
import { useEffect } from 'react'
import { useUi } from '../store/ui.ts'

/** The filter field of the screen marks itself with this attribute. */
export const FILTER_FIELD = 'data-filter-field'

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))

const dialogOpen = (): boolean => document.querySelector('[role="dialog"], [role="alertdialog"]') !== null

const KEYS: Readonly<Record<string, () => void>> = {
  '/': () => document.querySelector<HTMLElement>(`[${FILTER_FIELD}] input, input[${FILTER_FIELD}]`)?.focus(),
  '?': () => useUi.setState({ helpOpen: true }),
  l: () => useUi.setState(({ logOpen }) => ({ logOpen: !logOpen })),
}

export function useShortcuts(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || dialogOpen()) return
      const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key]
      if (!act) return
      event.preventDefault()
      act()
    }
    // Before lists take letters as a search for a row.
    window.addEventListener('keydown', listen, { capture: true })
    return () => window.removeEventListener('keydown', listen, { capture: true })
  }, [])
}
