// ASCII armor (RFC 9580 section 6.2) cut into its blocks, so that a second block in a file is never overlooked.
import { fromUtf8 } from '../base/bytes.ts'

const LINE = /^-----(BEGIN|END) (PGP [A-Z ,0-9/]{1,40})-----$/

export interface ArmorBlock {
  /** `PGP SIGNATURE`, `PGP PUBLIC KEY BLOCK`, ... */
  readonly label: string
  readonly text: string
}

/** The blocks of an armored file; null when it is not text, has anything but white space around them, or one is open. */
export function splitArmor(bytes: Uint8Array): ArmorBlock[] | null {
  const text = fromUtf8(bytes)
  if (text === null) return null
  const blocks: ArmorBlock[] = []
  let open: { label: string; lines: string[] } | null = null
  for (const line of text.split('\n').map((one) => one.trimEnd())) {
    const [, what, label] = LINE.exec(line) ?? []
    if (open) {
      open.lines.push(line)
      if (what === 'BEGIN' || (what === 'END' && label !== open.label)) return null
      if (what === 'END') {
        blocks.push({ label, text: `${open.lines.join('\n')}\n` })
        open = null
      }
    } else if (what === 'BEGIN') open = { label, lines: [line] }
    else if (line !== '') return null
  }
  return open ? null : blocks
}
