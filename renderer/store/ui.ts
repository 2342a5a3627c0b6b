// What only this window knows: the screen, the selected units, the filter, open drawers. Nothing is selected until somebody
// selects it, not even a single unit; a unit that left the bench leaves the selection.
import { create } from 'zustand'
import { hashOfRoute, type Route, routeOfHash, type ScreenName } from './route.ts'

export interface UiState {
  readonly route: Route
  /** Keys of units. */
  readonly selection: ReadonlySet<string>
  readonly filter: string
  readonly logOpen: boolean
  readonly helpOpen: boolean
}

export const useUi = create<UiState>()(() => ({
  route: { screen: 'bench', about: null },
  selection: new Set<string>(),
  filter: '',
  logOpen: false,
  helpOpen: false,
}))

/** Goes to a screen; `about` is the unit's key, the batch's or the report's token. */
export function navigate(screen: ScreenName, about: string | null = null): void {
  window.location.hash = hashOfRoute({ screen, about })
}

/** The address decides; Back and links work. @returns ends it */
export function followAddress(): () => void {
  const take = (): void => useUi.setState({ route: routeOfHash(window.location.hash) })
  take()
  window.addEventListener('hashchange', take)
  return () => window.removeEventListener('hashchange', take)
}

export const selectUnits = (keys: Iterable<string>): void => useUi.setState({ selection: new Set(keys) })

/** After a change of the bench: only units that are there stay selected. */
export function keepSelected(present: ReadonlySet<string>): void {
  const { selection } = useUi.getState()
  const left = [...selection].filter((key) => present.has(key))
  if (left.length !== selection.size) selectUnits(left)
}
