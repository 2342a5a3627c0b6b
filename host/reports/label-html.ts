// A label to stick on the unit, as a page of the label's own size: what it is, what is on it, and a QR code that names the
// certificate and its digest, so that a copy can be told from the original.
import { qrPath } from '#base/qr-path.ts'
import type { Certificate } from '#contract/certificate.ts'
import { Html, html, page, plain } from './html.ts'
import { LABEL_STYLES, type LabelPreset } from './styles.ts'

/** What the QR code says; a person with a scanner finds the certificate by its id. */
export const labelCode = ({ id, drive }: Certificate, sha256: string): string =>
  `TWINSLOT1 ${id} ${sha256.slice(0, 32)} ${plain(drive.serial ?? '', 20).replace(/[^\x21-\x7e]/g, '')}`.trim()

/** `sha256` of the certificate's file. */
export function labelHtml(certificate: Certificate, sha256: string, preset: LabelPreset): string {
  const { image, chassis, drive, operator, time, outcome } = certificate
  const product = image?.product ?? drive.model ?? 'Drive'
  const [mac] = chassis.macAddresses ?? []
  const lines = [
    `${image?.version ?? ''} ${outcome}`,
    // The unit's own number where it is known; on a bench only the drive's is.
    `S/N ${plain(chassis.serial ?? drive.serial ?? 'unknown', 24)}`,
    ...(mac === undefined ? [] : [`MAC ${mac}`]),
    `${time.endedAt.slice(0, 10)} ${initials(operator)}`,
    certificate.id.slice(0, 8),
  ]
  const body = html`${qr(labelCode(certificate, sha256))}
<div><p class="who">${plain(product, 30)}</p>${lines.map((line) => html`<p>${line}</p>`)}</div>`
  return page(`Label ${plain(drive.serial ?? certificate.id, 40)}`, LABEL_STYLES[preset], body)
}

/** First letters of at most three words. */
export const initials = (name: string | null): string =>
  (name ?? '')
    .split(/[\s.@_-]+/u)
    .slice(0, 3)
    .map((part) => [...part][0]?.toUpperCase() ?? '')
    .join('')

function qr(text: string): Html {
  const { side, path } = qrPath(text)
  return new Html(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" role="img" aria-label="QR code"><path d="${path}"/></svg>`,
  )
}
