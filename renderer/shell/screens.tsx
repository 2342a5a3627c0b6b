// Screens by name, each loaded when it is first shown: renderer/screens/<name>/index.tsx exports a component by default.
import { Component, type ComponentType, lazy, type ReactNode, Suspense } from 'react'
import { EmptyState } from '../components/page.tsx'
import type { Route, ScreenName } from '../store/route.ts'
import { SCREENS } from '../store/route.ts'
import { useText } from '../text/use-text.tsx'

/** What a screen gets: what it is about, from the address. */
export interface ScreenComponentProps {
  readonly about: string | null
}

type ScreenModule = { readonly default: ComponentType<ScreenComponentProps> }

const FILES = import.meta.glob<ScreenModule>('../screens/*/index.tsx')

const lazyScreen = (name: ScreenName): ComponentType<ScreenComponentProps> =>
  lazy(FILES[`../screens/${name}/index.tsx`] ?? (async () => ({ default: NotThere })))

const COMPONENTS = Object.fromEntries(SCREENS.map((name) => [name, lazyScreen(name)])) as Readonly<
  Record<ScreenName, ComponentType<ScreenComponentProps>>
>

export function ScreenOf({ route: { screen, about } }: { readonly route: Route }) {
  const One = COMPONENTS[screen]
  return (
    <CatchErrors key={`${screen} ${about}`}>
      <Suspense fallback={null}>
        <One about={about} />
      </Suspense>
    </CatchErrors>
  )
}

function NotThere() {
  const t = useText()
  return <EmptyState icon="failed" title={t('app.loadFailed')} />
}

/** A mistake in one screen must not take the others away. */
class CatchErrors extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false }
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }
  override render(): ReactNode {
    return this.state.failed ? <NotThere /> : this.props.children
  }
}
