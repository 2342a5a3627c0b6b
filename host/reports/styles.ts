// The style sheets of printed pages. They are constant, so that a strict content security policy can allow exactly these
// by their digests: in the page itself, and in the window that previews it.
import { createHash } from 'node:crypto'

export const CERTIFICATE_STYLE = `
@page { size: A4; margin: 10mm 13mm }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 184mm; font: 7.6pt/1.3 system-ui, sans-serif; color: #14181d; background: #fff }
header { display: flex; justify-content: space-between; align-items: baseline; border-bottom: 1.5pt solid #14181d; padding-bottom: 2mm }
h1 { font-size: 15pt; margin: 0 }
h2 { font-size: 8.2pt; margin: 2.2mm 0 .6mm; border-bottom: .4pt solid #9aa4af; padding-bottom: .4mm }
.outcome { font-size: 13pt; font-weight: 700 }
.bad { border: 1pt solid #b42318; padding: 1.2mm 2mm; margin-top: 2mm }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 0 7mm }
dl { display: grid; grid-template-columns: 27mm 1fr; margin: 0; gap: 0 2mm }
dt { color: #4c5763 }
dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { text-align: left; vertical-align: top; padding: .2mm 1.5mm .2mm 0; overflow-wrap: anywhere }
tr { break-inside: avoid }
th { color: #4c5763; font-weight: 400; border-bottom: .4pt solid #9aa4af }
.n { text-align: right }
p { margin: 2mm 0 }
code { font: 6.2pt/1.25 ui-monospace, monospace; overflow-wrap: anywhere }
footer { margin-top: 3mm; border-top: .4pt solid #9aa4af; padding-top: 1mm; color: #4c5763 }
@media screen { body { padding: 6mm } }
`

export const LABEL_PRESETS = ['62mm', '25x54'] as const
export type LabelPreset = (typeof LABEL_PRESETS)[number]

const COMMON = `
* { box-sizing: border-box }
html, body { margin: 0; background: #fff; color: #000 }
body { font-family: system-ui, sans-serif; display: flex; gap: 1.5mm; align-items: center; overflow: hidden }
svg { flex: none; shape-rendering: crispEdges }
p { margin: 0; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
div { min-width: 0; flex: 1 }
.who { font-weight: 700 }
`

/** One per preset: a page style has no choice to make, so that its digest is known. */
export const LABEL_STYLES: Readonly<Record<LabelPreset, string>> = {
  '62mm': `${COMMON}@page { size: 62mm 29mm; margin: 0 }
body { width: 62mm; height: 29mm; padding: 2mm; font-size: 8pt; line-height: 1.3 }
svg { width: 24mm; height: 24mm }
`,
  '25x54': `${COMMON}@page { size: 54mm 25mm; margin: 0 }
body { width: 54mm; height: 25mm; padding: 1.5mm; font-size: 6.8pt; line-height: 1.25 }
svg { width: 21mm; height: 21mm }
`,
}

/** For a content security policy. */
export const styleHash = (style: string): string => `'sha256-${createHash('sha256').update(style).digest('base64')}'`

/** For the policy of a window that shows these pages in a frame. */
export const PAGE_STYLES: readonly string[] = [CERTIFICATE_STYLE, ...Object.values(LABEL_STYLES)].map(styleHash)
