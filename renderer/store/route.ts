// Which screen is shown, kept in the address after `#`, so that Back works: `#/slots/<key of the unit>`. Pure.

export const SCREENS = [
  'bench',
  'run',
  'provision',
  'slots',
  'config',
  'images',
  'trust',
  'reports',
  'diagnostics',
  'settings',
] as const
export type ScreenName = (typeof SCREENS)[number]

export interface Route {
  readonly screen: ScreenName
  /** What the screen is about: key of a unit (slots, config), token of a batch (run) or of a report (reports). */
  readonly about: string | null
}

export function routeOfHash(hash: string): Route {
  const [, name, ...rest] = hash.replace(/^#/, '').split('/')
  const screen = SCREENS.find((one) => one === name)
  if (!screen) return { screen: 'bench', about: null }
  const about = rest.join('/')
  return { screen, about: about === '' ? null : decoded(about) }
}

/** Whatever somebody typed into the address must not break the window. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

export const hashOfRoute = ({ screen, about }: Route): string =>
  about === null ? `#/${screen}` : `#/${screen}/${encodeURIComponent(about)}`
