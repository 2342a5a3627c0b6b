// Certificates as rows for a spreadsheet: RFC 4180, one row per unit, and no cell that a spreadsheet would take for a formula.
import { foreignText } from '#base/foreign-text.ts'
import type { Certificate } from '#contract/certificate.ts'

const COLUMNS: readonly (readonly [string, (certificate: Certificate) => string | number | null])[] = [
  ['report_id', ({ id }) => id],
  ['started_at', ({ time }) => time.startedAt],
  ['ended_at', ({ time }) => time.endedAt],
  ['job', ({ job }) => job.kind],
  ['outcome', ({ outcome }) => outcome],
  ['reason_code', ({ error }) => error?.code ?? null],
  ['reason', ({ error }) => error?.message ?? null],
  ['drive_model', ({ drive }) => drive.model],
  ['drive_serial', ({ drive }) => drive.serial],
  ['drive_wwn', ({ drive }) => drive.wwn],
  ['drive_bytes', ({ drive }) => drive.size],
  ['attachment', ({ drive }) => drive.attachment],
  ['port', ({ drive }) => drive.port],
  ['product', ({ image }) => image?.product ?? null],
  ['version', ({ image }) => image?.version ?? null],
  ['release_counter', ({ image }) => image?.counter ?? null],
  ['signer', ({ image }) => image?.signer.fingerprint ?? null],
  ['image_sha256', ({ complete }) => complete.image_sha256],
  ['read_back_sha256', ({ complete }) => complete.verify_sha256],
  ['duration_s', ({ time }) => time.seconds],
  ['operator', ({ operator }) => operator],
  ['console_version', ({ console }) => console.version],
]

/** Excel, LibreOffice and Google Sheets take a cell that begins so for a formula, also behind blanks. */
const FORMULA = /^[\s\u00a0\ufeff]*[=+\-@＝＋－＠]|^[\t\r\n]/u

/** One cell. A text that looks like a formula gets an apostrophe in front, which spreadsheets do not show. */
export function csvCell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const plain = (cell: string | number | null) => (typeof cell === 'string' ? foreignText(cell) : cell)

const line = (cells: readonly (string | number | null)[]): string =>
  `${cells.map((cell) => csvCell(plain(cell))).join(',')}\r\n`

/** `bom`: spreadsheets on Windows know UTF-8 by it. */
export function certificatesCsv(certificates: readonly Certificate[], bom: boolean): string {
  const rows = certificates.map((certificate) => line(COLUMNS.map(([, read]) => read(certificate))))
  return `${bom ? '\ufeff' : ''}${line(COLUMNS.map(([name]) => name))}${rows.join('')}`
}
