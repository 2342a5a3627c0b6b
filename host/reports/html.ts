// Small pieces for pages that must be safe whatever a disk or a person is called: everything that goes in is escaped,
// cut, and has no control or direction characters left. Pages are one file without script; their one style sheet is
// allowed by its digest.
import { blankForeign } from '#base/foreign-text.ts'
import { styleHash } from './styles.ts'

/** Markup that was made here; nothing else gets into a page unescaped. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** On paper a blank is enough where something would hide or deceive. */
export const plain = (value: string, limit: number): string => blankForeign(value, limit)

export const escapeHtml = (value: string): string => value.replace(/[&<>"']/g, (letter) => ENTITIES[letter])

type Hole = Html | string | number | readonly Html[]

/** More than a line made of several texts of a certificate has, each of which has 2000 letters at most (contract/certificate.ts). */
const TEXT_LIMIT = 200_000

const fill = (hole: Hole): string => {
  if (hole instanceof Html) return hole.text
  if (typeof hole === 'object') return hole.map(({ text }) => text).join('')
  return escapeHtml(plain(String(hole), TEXT_LIMIT))
}

/** Template tag: holes are text unless they are Html themselves. */
export const html = (parts: TemplateStringsArray, ...holes: readonly Hole[]): Html =>
  new Html(parts.map((part, index) => (index < holes.length ? part + fill(holes[index]) : part)).join(''))

/** A whole page; `style` is ours and constant. */
export function page(title: string, style: string, body: Html): string {
  const policy = `default-src 'none'; style-src ${styleHash(style)}; base-uri 'none'; form-action 'none'`
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy.replaceAll('"', ''))}">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
${body}
</body>
</html>`.text
  }\n`
}
