// The list of screens. What is about one unit (provision, slots) is reached from the bench; it belongs to Bench here.
import { IconButton } from '../components/button.tsx'
import { Icon } from '../components/icons.tsx'
import { hashOfRoute, type ScreenName } from '../store/route.ts'
import { useStore } from '../store/station.ts'
import { useUi } from '../store/ui.ts'
import { useText } from '../text/use-text.tsx'

const SHOWN = ['bench', 'run', 'images', 'trust', 'config', 'reports', 'diagnostics', 'settings'] as const
const BELONGS_TO: Partial<Record<ScreenName, ScreenName>> = { provision: 'bench', slots: 'bench' }

export function Navigation() {
  const t = useText()
  const screen = useUi(({ route }) => BELONGS_TO[route.screen] ?? route.screen)
  const running = useStore(({ station }) => station?.batches.filter(({ state }) => state !== 'done').length ?? 0)
  return (
    <nav className="nav" aria-label={t('app.navigation')}>
      <div className="nav-name">{t('app.name')}</div>
      {SHOWN.map((name) => (
        <a
          key={name}
          href={hashOfRoute({ screen: name, about: null })}
          aria-current={screen === name ? 'page' : undefined}
          title={t(`nav.${name}`)}
        >
          <Icon name={name} />
          <span className="nav-word">{t(`nav.${name}`)}</span>
          {name === 'run' && running > 0 && <span className="nav-count">{running}</span>}
        </a>
      ))}
      <div className="nav-end">
        <IconButton icon="help" label={t('help.open')} onPress={() => useUi.setState({ helpOpen: true })} />
        <IconButton
          icon="log"
          label={t('log.title')}
          onPress={() => useUi.setState(({ logOpen }) => ({ logOpen: !logOpen }))}
        />
      </div>
    </nav>
  )
}
