// The keys of the console, in one list: what the help shows is what works. Pure. Letters of other scripts are taken by their
// place on the keyboard, so that an Arabic layout has the same keys.
import type { TextKey } from '../text/index.ts'

export type Shortcut = 'filter' | 'export' | 'log' | 'help'

const BY_KEY: Readonly<Record<string, Shortcut>> = { '/': 'filter', e: 'export', l: 'log', '?': 'help' }

/** By the key's place on an English keyboard. */
const BY_PLACE: Readonly<Record<string, string>> = { KeyE: 'e', KeyL: 'l', Slash: '/', 'Shift Slash': '?' }

export interface PressedKey {
  readonly key: string
  readonly code: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

/** What a key does that was pressed outside fields and dialogs; null when it is none of ours. */
export function shortcutOf({ key, code, shiftKey, ctrlKey, metaKey, altKey }: PressedKey): Shortcut | null {
  if (ctrlKey || metaKey || altKey) return null
  const latin = /^[ -~]+$/.test(key)
  const pressed = latin ? key.toLowerCase() : BY_PLACE[shiftKey ? `Shift ${code}` : code]
  return BY_KEY[pressed ?? ''] ?? null
}

export type HelpRow = readonly [key: { readonly letter: string } | { readonly text: TextKey }, what: TextKey]

/** The help: our own keys, and those that lists, dialogs and the confirmation answer to. */
export const HELP_ROWS = (isMac: boolean): readonly HelpRow[] => [
  [{ letter: '/' }, 'help.filter'],
  [{ text: 'key.arrows' }, 'help.arrows'],
  [{ text: 'key.space' }, 'help.space'],
  [{ text: 'key.enter' }, 'help.enter'],
  [{ letter: 'E' }, 'help.export'],
  [{ letter: 'L' }, 'help.log'],
  [{ letter: '?' }, 'help.help'],
  [{ text: 'key.escape' }, 'help.escape'],
  [{ text: isMac ? 'key.confirmMac' : 'key.confirm' }, 'help.confirm'],
]
