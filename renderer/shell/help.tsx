// The keyboard, explained.
import { Dialog } from '../components/dialog.tsx'
import { useUi } from '../store/ui.ts'
import type { TextKey } from '../text/index.ts'
import { useText } from '../text/use-text.tsx'

type Row = readonly [key: { readonly letter: string } | { readonly text: TextKey }, what: TextKey]

const ROWS: readonly Row[] = [
  [{ letter: '/' }, 'help.filter'],
  [{ text: 'key.arrows' }, 'help.arrows'],
  [{ text: 'key.space' }, 'help.space'],
  [{ text: 'key.enter' }, 'help.enter'],
  [{ letter: 'L' }, 'help.log'],
  [{ letter: '?' }, 'help.help'],
  [{ text: 'key.escape' }, 'help.escape'],
  [{ text: 'key.confirm' }, 'help.confirm'],
]

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
          {ROWS.map(([key, what]) => (
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
