// The keyboard, explained.
import { Dialog } from '../components/dialog.tsx'
import { useUi } from '../store/ui.ts'
import { useText } from '../text/use-text.tsx'
import { HELP_ROWS } from './shortcuts.ts'

/** Which of the two keys starts a confirmed plan is printed on the keyboard. */
const IS_MAC = /Mac|iP(hone|ad)/.test(navigator.platform)

export function HelpDialog() {
  const t = useText()
  const isOpen = useUi(({ helpOpen }) => helpOpen)
  return (
    <Dialog title={t('help.title')} isOpen={isOpen} onClose={() => useUi.setState({ helpOpen: false })}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('help.key')}</th>
            <th scope="col">{t('help.what')}</th>
          </tr>
        </thead>
        <tbody>
          {HELP_ROWS(IS_MAC).map(([key, what]) => (
            <tr key={what}>
              <td>
                <kbd>{'letter' in key ? key.letter : t(key.text)}</kbd>
              </td>
              <td>{t(what)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  )
}
