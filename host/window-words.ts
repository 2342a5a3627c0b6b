// What to do, for somebody who sits before a window: the same code, the same sentence, a remedy without commands to type. For a
// terminal the catalogue's own remedy stands. A code that can reach a window and has a command in its remedy needs a row here.
import type { ErrorCode } from '#base/errors.ts'

const TABLE =
  'Open the unit under Slots & recovery: it offers the repair where there is one. Provisioning anew erases everything.'
const CHOOSE_SIDE =
  'Open the unit under Slots & recovery: both sides stand there with what keeping each would lose. Choose the one that stays.'
const SELECT = 'Choose under Slots & recovery what boots: that writes it anew.'
const EXPORT = 'Ask whoever keeps the key for its public key, as an armored text file.'
const SIGN = 'Ask the maker for the release with a detached signature.'
const MAKER = 'The file is damaged or was changed. Fetch the release again from the maker and import that one.'
const LOOK = 'Look at the unit on the bench ("Inspect"); provision it if it shall become an appliance disk.'

export const WINDOW_REMEDIES: Readonly<Partial<Record<ErrorCode, string>>> = {
  'boot.ab-state-missing': SELECT,
  'boot.ab-state-damaged': SELECT,
  'boot.env-damaged': SELECT,
  'boot.env-lost': 'Mark the slot that works as good under Slots & recovery: that writes both blocks anew.',
  'boot.env-value': SELECT,
  'boot.no-loader': 'Ask the maker for a release whose boot files are complete.',
  'disk.busy': 'Wait for the job that writes to it, or close what uses it. Then try again.',
  'disk.not-found': 'It was unplugged, moved or deleted. Look at the bench and choose again.',
  'disk.is-directory': 'Choose the image file itself.',
  'disk.not-a-disk': 'Choose a disk on the bench, or an image file.',
  'disk.no-size': 'Put a medium into the reader, or make a new virtual disk.',
  'disk.file-exists': 'Choose another name, or add the existing file to the bench ("Existing disk image file").',
  'disk.out-of-range': 'This is a fault in the program or a damaged partition table; look at the unit on the bench.',
  'disk.mounted': 'Unmount or eject it: the bench notices that by itself.',
  'disk.in-use': 'Close what uses it (LUKS, LVM, RAID, loop device or swap): the bench notices that by itself.',
  'fat.not-found': 'Open the unit under Slots & recovery: it says which boot files are missing.',
  'fat.wrong-kind': 'Open the unit under Slots & recovery: it says what is wrong with its boot files.',
  'format.sha256sum-line': 'Ask the maker for the checksum file again.',
  'gpt.no-signature': TABLE,
  'gpt.header-crc': TABLE,
  'gpt.header-invalid': TABLE,
  'gpt.entry-size': TABLE,
  'gpt.too-many-entries': TABLE,
  'gpt.entries-elsewhere': TABLE,
  'gpt.entries-crc': TABLE,
  'gpt.entry-out-of-range': TABLE,
  'gpt.entry-overlap': TABLE,
  'gpt.backup-misplaced': 'The disk or file changed its size since it was partitioned. Provision it anew.',
  'gpt.sides-disagree': CHOOSE_SIDE,
  'gpt.mbr-missing': TABLE,
  'gpt.mbr-foreign': TABLE,
  'gpt.mbr-hybrid': TABLE,
  'gpt.unrepairable': 'Nothing can be rebuilt from it. Provisioning anew erases everything.',
  'host.guarded':
    'Answer the question outside of the page: in the box of the desktop app, or in the terminal where the browser console was started. A console without either is given its keys when it is started.',
  'host.no-renderer': 'Install the console again: its files are incomplete.',
  'host.port': 'Start the console with another port, or without one: then a free one is taken.',
  'plan.choose-table-side': CHOOSE_SIDE,
  'plan.table-side-damaged': TABLE,
  'image.bad-facts': 'Ask the maker for an image that says in its own bytes what it is.',
  'release.other-product':
    'Check that this is the right unit and the right release. To change the product on purpose, give a reason; it is recorded.',
  'release.older-version': 'Use a newer release, or allow the older one with a reason; the reason is recorded.',
  'release.no-version': 'Use an image that says its version, or allow this one with a reason; the reason is recorded.',
  'release.compressed':
    'Ask the maker for the image as it was before it was compressed, with its own signature; or for a bundle.',
  'plan.no-system-image': 'Choose a release that holds a system image.',
  'plan.no-boot-files': 'Choose an image that holds boot files as well.',
  'plan.not-ab-disk': LOOK,
  'plan.only-slot': 'Write and prove slot {other} first, make it the default, then write slot {slot}.',
  'plan.no-luks-key': 'Choose a layout without encryption: a key cannot be given here.',
  'plan.config-missing-partition':
    'Choose a layout with a partition for config or data, or provision without a config.',
  'release.signing-key': 'Ask whoever makes the releases.',
  'release.passphrase': 'Ask whoever makes the releases.',
  'release.input-damaged': 'Fetch the file again.',
  'repair.no-loader': 'Put it back from an image with boot files: "Repair" beside it.',
  'repair.env-copies-differ': 'Repair the boot environment: "Repair" beside it.',
  'repair.slot-content': 'Let it be found out with "Repair" beside it, with an image to compare with.',
  'repair.both-bad': 'Let both be read with "Repair" beside it, or write one slot anew with "Repair slots".',
  'repair.no-intact-slot': 'Write one slot anew with "Repair slots".',
  'repair.no-release': 'Choose an image with boot files.',
  'restore.no-place': LOOK,
  'restore.encrypted': 'Restore on the appliance itself: an encrypted partition is not opened here.',
  'slot.not-selectable':
    'Write a release into it with "Repair slots", or give a reason to do it nevertheless; it is recorded.',
  'slot.last-good': 'Write a release into slot {other} first, or give a reason to do it nevertheless; it is recorded.',
  'slot.record-lost': 'Write the slots again with "Repair slots", or let "Repair" beside it find out what they hold.',
  'slot.content-differs': 'The slot was changed or the disk is failing. Write it anew with "Repair slots".',
  'trust.keyring-malformed': EXPORT,
  'trust.keyring-empty': EXPORT,
  'trust.keyring-partly': EXPORT,
  'trust.keyring-secret': 'A secret key stays where it signs. Ask whoever keeps it for the public key.',
  'trust.signature-malformed': SIGN,
  'trust.signature-inline': SIGN,
  'trust.signature-kind': SIGN,
  'trust.weak-hash': 'Ask the maker to sign with SHA-256 or better.',
  'write.source-mismatch': MAKER,
  'write.source-undecodable': MAKER,
}
