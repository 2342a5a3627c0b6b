// From an error code to the cause that a technician can act on, how sure that is, and what is safe now. Data first: one
// row per code or group of codes; the few causes that need a second look at the details are below.
import type { Cause } from '#contract/causes.ts'
import type { RunnerJob } from '#contract/runner.ts'
import type { Diagnosis, Problem, RecoveryView, SlotView } from '#contract/views.ts'
import { otherSlot } from '#model/slot.ts'

type Row = readonly [pattern: RegExp, cause: Cause, confidence: Diagnosis['confidence']]

const ROWS: readonly Row[] = [
  [/^job\.cancelled$/, 'stopped', 'certain'],
  [/^disk\.lost$/, 'cable', 'probable'],
  [/^disk\.not-found$/, 'disk-gone', 'certain'],
  [/^disk\.full$/, 'disk-full', 'certain'],
  [/^disk\.(busy|in-use)$/, 'busy', 'certain'],
  [/^disk\.mounted$/, 'mounted', 'certain'],
  [/^disk\.read-only$/, 'read-only', 'certain'],
  [/^disk\.no-permission$/, 'permission', 'certain'],
  [/^(disk\.too-small|layout\.too-small)/, 'too-small', 'certain'],
  [/^disk\.(sector-size|no-size)$/, 'sector-size', 'certain'],
  [/^disk\.system$/, 'system-disk', 'certain'],
  [/^runner\.never-touch$/, 'never-touch', 'certain'],
  [/^host\.twin$/, 'twin', 'certain'],
  [/^plan\.disk-changed$/, 'swapped', 'certain'],
  [/^(plan\.changed|runner\.off-plan)$/, 'changed', 'certain'],
  [/^plan\.not-ab-disk$/, 'not-an-appliance', 'certain'],
  [/^write\.verify-failed$/, 'worn-out', 'probable'],
  // It was right, and something that was written elsewhere replaced it.
  [/^write\.lost-afterwards$/, 'fake-capacity', 'probable'],
  [
    /^(write\.source-|release\.(block-|checksum-mismatch|truncated|image-mismatch)|trust\.wrong-data|format\.)/,
    'damaged-image',
    'certain',
  ],
  [/^trust\.unknown-key$/, 'unknown-signer', 'certain'],
  [/^trust\.(key-expired|key-revoked|key-invalid|weak-|signature-expired)/, 'signer-expired', 'certain'],
  [/^trust\.signature-future$|^release\.from-future$/, 'clock', 'probable'],
  [/^(trust\.signature-|release\.checksum-missing)/, 'unsigned', 'certain'],
  [/^release\.expired$/, 'release-expired', 'certain'],
  [/^(release\.(wrong|other)-product|plan\.boot-product)$/, 'wrong-product', 'certain'],
  [/^release\.wrong-hardware$/, 'wrong-hardware', 'certain'],
  [/^release\.(older-counter|older-version|no-version|minimum-version)$/, 'older-release', 'certain'],
  [/image-too-large$|boot-files-too-large$/, 'image-too-large', 'certain'],
  [/^(plan\.no-boot-files|boot\.no-loader)$/, 'no-boot-files', 'certain'],
  [/^(release\.(not-found|source-failed|unreadable)|host\.unknown-token)$/, 'image-gone', 'certain'],
  [/^(config\.|plan\.config-|layout\.config-home)/, 'config-unfit', 'certain'],
  [/^(plan\.only-slot|slot\.last-good)$/, 'only-slot', 'certain'],
  [/^(slot\.|image\.)/, 'slot-unfit', 'certain'],
  [/^tool\.missing$/, 'tool-missing', 'certain'],
  [/^tool\.|^filesystem\./, 'tool-failed', 'probable'],
  [/^runner\.(died|closed)$/, 'runner-died', 'certain'],
]

/** What the system says of a medium that cannot be read or written; any other of its errors says nothing about the disk. */
const MEDIUM = /\b(EIO|ENODATA|EREMOTEIO|EBADMSG|EILSEQ)\b/

/** What pkexec and its like say when nobody can be asked, and when somebody said no (pkexec(1): 127 and 126). */
const NO_AGENT = /127|no agent|authentication agent|not installed|ENOENT/i

const REFUSED = /\b126\b|dismissed|not authorized/i

const notStarted = (reason: string): readonly [Cause, Diagnosis['confidence']] =>
  NO_AGENT.test(reason)
    ? ['no-polkit-agent', 'probable']
    : [REFUSED.test(reason) ? 'consent-refused' : 'other', 'probable']

export function causeOf(problem: Problem): readonly [Cause, Diagnosis['confidence']] {
  const { code, details } = problem
  if (code === 'runner.not-started') return notStarted(String(details.reason))
  if (code === 'disk.read-failed' || code === 'disk.write-failed')
    return MEDIUM.test(String(details.reason)) ? ['bad-sectors', 'probable'] : ['other', 'probable']
  // What comes back is what was written elsewhere: the address wraps round, the stick claims more than it has.
  if (code === 'write.verify-failed' && details.elsewhere !== undefined) return ['fake-capacity', 'probable']
  const row = ROWS.find(([pattern]) => pattern.test(code))
  return row ? [row[1], row[2]] : ['other', 'probable']
}

/** `during`: title of the step under way. */
export function diagnose(
  problem: Problem,
  written: boolean,
  job: RunnerJob,
  before: Pick<RecoveryView, 'slots' | 'bootsNext'> | null,
): Diagnosis {
  const [cause, confidence] = causeOf(problem)
  return { cause, confidence, written, safe: safeNow(written, job, before), problem }
}

/** `before`: what was known of the slots when it was planned; a slot that did not boot then does not boot now. */
function safeNow(
  written: boolean,
  job: RunnerJob,
  before: Pick<RecoveryView, 'slots' | 'bootsNext'> | null,
): Diagnosis['safe'] {
  if (!written) return 'untouched'
  switch (job.kind) {
    case 'provision':
      return 'does-not-boot'
    // The engine takes a slot out of the boot loader's choice before its first byte changes.
    case 'flash':
    // Boot files are overwritten in an order that keeps a complete slot selected at every moment.
    case 'slot':
      return before !== null && canBoot(before.slots[otherSlot(job.slot)]) ? 'other-slot-boots' : 'unknown'
    // Both slots are out of its reach, and so are the boot files of a restore.
    case 'repair':
    case 'restore':
      return before !== null && before.bootsNext !== null ? 'other-slot-boots' : 'unknown'
  }
}

const canBoot = ({ verdict, triesLeft }: SlotView): boolean =>
  verdict === 'Good' || (verdict === 'Trying' && triesLeft !== null && triesLeft > 0)
