// The shell: language and theme from the settings, navigation, banner of a lost line, the screen, log and help.
import { useEffect } from 'react'
import { useShallow } from 'zustand/shallow'
import { Notice } from './components/page.tsx'
import { HelpDialog } from './shell/help.tsx'
import { useShortcuts } from './shell/keys.ts'
import { LiveRegion } from './shell/live.tsx'
import { LogDrawer } from './shell/log-drawer.tsx'
import { Navigation } from './shell/navigation.tsx'
import { ScreenOf } from './shell/screens.tsx'
import { useStore } from './store/station.ts'
import { keepSelected, useUi } from './store/ui.ts'
import { chooseLanguage } from './text/translate.ts'
import { TextProvider, useText } from './text/use-text.tsx'

export function App() {
  const [language, theme] = useStore(
    useShallow(({ station }) => [station?.settings.language ?? 'system', station?.settings.theme ?? 'system'] as const),
  )
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
  }, [theme])
  return (
    <TextProvider language={chooseLanguage(language, navigator.languages)}>
      <Shell />
    </TextProvider>
  )
}

function Shell() {
  const known = useStore(({ station }) => station !== null)
  const units = useStore(({ station }) => station?.bench.units)
  useShortcuts()
  useEffect(() => {
    if (units) keepSelected(new Set(units.map(({ key }) => key)))
  }, [units])
  return known ? <Frame /> : <Waiting />
}

function Waiting() {
  const t = useText()
  const shut = useStore(({ link }) => link === 'shut')
  return (
    <main className="waiting" role="status">
      <h1>{t('app.name')}</h1>
      <p>{t(shut ? 'app.shut' : 'app.connecting')}</p>
      {shut && <p>{t('app.shutHow')}</p>}
    </main>
  )
}

function Frame() {
  const t = useText()
  const route = useUi((state) => state.route)
  const link = useStore((store) => store.link)
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={focusMain}>
        {t('app.skip')}
      </button>
      <Navigation />
      <div className="banner" role="status">
        {link !== 'open' && (
          <Notice tone="warning" title={t(link === 'shut' ? 'app.shut' : 'app.lost')}>
            {link === 'shut' && <p>{t('app.shutHow')}</p>}
            {t('app.lostSafe')}
          </Notice>
        )}
      </div>
      <main className="main" id="main" tabIndex={-1}>
        <ScreenOf route={route} />
      </main>
      <LogDrawer />
      <HelpDialog />
      <LiveRegion />
    </div>
  )
}

/** The address after `#` is the screen, so this is no link. */
const focusMain = (): void => document.getElementById('main')?.focus()
