// What an error on an update's way means: wait, try again (how often), or give up; and the word that the server gets for it.
import { type ErrorCode, type Finding, specOf } from '#base/errors.ts'

/**
 * stop: the caller wants it; clock, space: go on when that is put right, never given up; hold: something of the appliance
 * itself (settings, its state files) is in the way, never given up either; few, many: tried again so often; final: over.
 */
export type Verdict = 'stop' | 'clock' | 'space' | 'hold' | 'few' | 'many' | 'final'

/** Failed attempts after which it is over. */
export const LIMITS = { few: 3, many: 48 } as const

const VERDICTS: Partial<Record<ErrorCode, Verdict>> = {
  'job.cancelled': 'stop',
  'update.clock-wrong': 'clock',
  'release.from-future': 'clock',
  'trust.signature-future': 'clock',
  'download.disk-full': 'space',
  // Bytes that a repeated download may bring whole, or from a server that has put its file right.
  'release.checksum-mismatch': 'few',
  'release.block-mismatch': 'few',
  'release.block-undecodable': 'few',
  'release.truncated': 'few',
  'release.empty': 'few',
  'write.source-mismatch': 'few',
  'write.source-undecodable': 'few',
  'trust.wrong-data': 'few',
  'trust.signature-missing': 'few',
  'trust.signature-malformed': 'few',
  'slot.content-differs': 'few',
  'update.slot-changed': 'few',
  'disk.read-failed': 'few',
  'disk.write-failed': 'few',
  'disk.lost': 'few',
  // The good slot would be overwritten; it is offered again when the good one runs.
  'update.running-unconfirmed': 'final',
  'disk.busy': 'many',
  'own.esp-writable': 'many',
  'download.checksum-mismatch': 'few',
  'download.size-differs': 'few',
  'download.not-a-bundle': 'few',
  'download.range-differs': 'few',
  'download.no-ranges': 'few',
  'download.size-unknown': 'few',
  'download.encoded': 'few',
  'download.redirected': 'few',
  // A certificate may be renewed, and a clock put right, while we wait.
  'download.tls': 'many',
  'download.client-certificate': 'many',
  'download.proxy-refused': 'many',
  'download.bad-proxy': 'hold',
  'download.file-failed': 'hold',
}

export function verdictOn(code: ErrorCode): Verdict {
  const known = VERDICTS[code]
  if (known) return known
  if (code.startsWith('settings.') || code.startsWith('window.') || code.startsWith('gate.')) return 'hold'
  // A log-in page or half a file instead of a release.
  if (code.startsWith('format.')) return 'few'
  return specOf(code).retry === 'again' ? 'many' : 'final'
}

const WIRE: Partial<Record<ErrorCode, string>> = {
  'release.checksum-mismatch': 'CHECKSUM_MISMATCH',
  'release.block-mismatch': 'CHECKSUM_MISMATCH',
  'release.image-mismatch': 'CHECKSUM_MISMATCH',
  'write.source-mismatch': 'CHECKSUM_MISMATCH',
  'release.checksum-missing': 'SIGNATURE_INVALID',
  'release.older-counter': 'OLDER_RELEASE',
  'release.minimum-version': 'OLDER_RELEASE',
  'release.expired': 'RELEASE_EXPIRED',
  'release.wrong-product': 'NOT_SUITABLE',
  'release.wrong-hardware': 'NOT_SUITABLE',
  'release.no-image': 'NOT_SUITABLE',
  'release.source-failed': 'DOWNLOAD_ERROR',
  'release.truncated': 'DOWNLOAD_ERROR',
  'release.not-found': 'DOWNLOAD_ERROR',
  'release.empty': 'DOWNLOAD_ERROR',
  'write.image-too-large': 'NOT_SUITABLE',
  'own.version-differs': 'VERSION_DIFFERS',
  'download.disk-full': 'DISK_FULL',
  'download.checksum-mismatch': 'CHECKSUM_MISMATCH',
  'own.no-trusted-keys': 'SIGNATURE_INVALID',
  'own.keys-unreadable': 'SIGNATURE_INVALID',
  'update.slot-changed': 'WRITE_FAILED',
  'tool.timeout': 'TIMEOUT',
  'update.rolled-back-before': 'ROLLED_BACK_BEFORE',
  'update.left-behind': 'NOT_STARTED',
  'update.unhealthy-here': 'HEALTH_CHECK_FAILED',
  'update.slot-bad': 'SLOT_BAD',
}

/** By area, for codes without a word of their own. */
const WIRE_OF_AREA: Readonly<Record<string, string>> = {
  download: 'DOWNLOAD_ERROR',
  trust: 'SIGNATURE_INVALID',
  format: 'RELEASE_UNREADABLE',
  release: 'RELEASE_UNREADABLE',
  image: 'NOT_SUITABLE',
  plan: 'NOT_SUITABLE',
  write: 'WRITE_FAILED',
  disk: 'WRITE_FAILED',
  slot: 'WRITE_FAILED',
  own: 'WRITE_FAILED',
}

/** The server's `error_code`: upper case, at most 50 characters. */
export function wireCodeOf(code: ErrorCode): string {
  if (/\.(stalled|too-slow|timeout)$/.test(code)) return 'TIMEOUT'
  return WIRE[code] ?? WIRE_OF_AREA[code.split('.')[0]] ?? 'UPDATE_FAILED'
}

const FIRST_MS = 60_000
const LONGEST_MS = 3_600_000

/** Milliseconds until the next attempt after `attempts` failed ones: doubling from a minute to an hour, spread by a quarter. */
export const backOffMs = (attempts: number, random: number): number =>
  Math.round(Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, attempts - 1)) * (0.75 + random / 2))

/** No back-off reaches further; a later `retry_at` was written by a wrong clock. */
export const LONGEST_BACK_OFF_MS = LONGEST_MS * 1.25

/** The error without what JSON cannot carry. */
export const findingOf = ({ code, details }: Finding): Finding => ({ code, details })
