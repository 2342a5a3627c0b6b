// The help texts, as data. `twinslot help COMMAND` prints one entry.

interface Help {
  readonly synopsis: string
  readonly text: string
}

const TRUST = '  --trust KEYS       armored OpenPGP public key ring; only releases signed by one of these keys are used'
const YES = '  --yes              do not ask for the serial number (for scripts)'
const PLAN = '  --plan             print the plan and touch nothing'
const REPLACE = '  --replace          replace what has that name already; without it that is refused'
const FORCE = '  --force REASON     select it against advice; the reason is recorded on the disk'

export const HELP: Readonly<Record<string, Help>> = {
  disks: {
    synopsis: 'disks',
    text: 'Lists every disk with identity, size, bus and content, and says why it is or is not offered.',
  },
  inspect: {
    synopsis: 'inspect DISK',
    text: 'Shows partition table, slots, boot state and boot files of a disk or a disk image. Reads only.',
  },
  'release create': {
    synopsis: 'release create --version V --product P --system IMG --key SECRET.asc --out FILE [options]',
    text: `Makes a signed bundle.
  --system IMG       system image (squashfs with gzip or xz); .gz, .xz and .zst are unpacked
  --boot DIR|IMG     files of the EFI system partition (see "release boot-files"), or a FAT32 image
  --channel C        stable (default), beta or dev
  --counter N        release counter, default 1
  --expires DATE     ISO date after which the release is refused
  --minimum V        lowest installed version that may be updated
  --hardware NAME    product name (DMI) it may be written for; may be repeated
  --compress KIND    none or zstd (default)
${REPLACE}
  --passphrase-file F`,
  },
  'release sign': {
    synopsis: 'release sign IMG --key SECRET.asc [--passphrase-file F] [--replace]',
    text: `Writes IMG.sha256 and IMG.asc beside the image, as sha256sum and gpg --detach-sign --armor do.\n${REPLACE}`,
  },
  'release verify': {
    synopsis: 'release verify R --trust KEYS',
    text: `Authenticates a bundle, or an .img with its .sha256 and .asc beside it, and checks every byte.\n${TRUST}`,
  },
  'release show': {
    synopsis: 'release show R',
    text: 'Shows what a release says of itself, without believing it.',
  },
  'release boot-files': {
    synopsis: 'release boot-files --out DIR [--replace]',
    text: `Makes the directory for release create --boot from Debian's GRUB (package grub-efi-amd64-bin).\n${REPLACE}`,
  },
  'image build': {
    synopsis: 'image build CONFIG --out DIR --sign-key SECRET.asc [options]',
    text: `Builds a system image from a recipe (docs/format/build-config.md), signs and publishes it. Needs root.
  --out DIR          new folder with image, .sha256, .asc, bundle, manifest, packages.lock and build-report.json
  --mirror URL       package mirror instead of the machine's own package sources
  --programs DIR     programs for device_programs: true, as device/build.ts makes them
  --boot DIR|IMG     boot files for the bundle (see "release boot-files")
  --passphrase-file F
SOURCE_DATE_EPOCH (or "created" in the recipe) fixes all times: the same inputs then give the same bytes.`,
  },
  'key create': {
    synopsis: 'key create --name "NAME <MAIL>" --secret FILE --public FILE [--days N] [--passphrase-file F]',
    text: 'Makes an Ed25519 signing key, valid for ever or for N days. gpg keys work as well; this is for stations without gpg.',
  },
  provision: {
    synopsis: 'provision DISK... --release R --trust KEYS [options]',
    text: `Erases a disk and makes it an appliance disk: partitions, slots, boot files, /config; everything is read back.
Several disks are written at once from one reading of the release; none is written when one of them is refused.
${TRUST}
  --boot R2          bundle that brings the boot files, when R has none
  --layout NAME|FILE hp-t640 (default), hypernet-server, or a YAML file
  --create SIZE      make each DISK as a new disk image file of that size, such as 16GB
  --slots A|B|both   slots that receive the image (default A)
  --config DIR       files for /config
  --luks-key FILE    key or passphrase for partitions that the layout encrypts
  --seed S           seed of the GUIDs, mixed with the disk's identity (default: random)
  --allow-older REASON
${PLAN}
${YES}`,
  },
  flash: {
    synopsis: 'flash DISK --slot A|B --release R --trust KEYS [options]',
    text: `Writes one slot, reads it back, keeps everything else.
${TRUST}
  --changed-only     write only blocks that differ
  --allow-older REASON
${PLAN}
${YES}`,
  },
  verify: {
    synopsis: 'verify DISK --slot A|B --release R --trust KEYS',
    text: `Reads a whole slot and compares it with the signed digests of a release.\n${TRUST}`,
  },
  doctor: {
    synopsis: 'doctor DISK [--repair KIND] [--release R --trust KEYS] [--plan] [--yes]',
    text: `Tells what is wrong with a detached disk and which repair helps; with --repair it does that one.
  --repair environment      copies of the boot environment that are damaged, missing, short or differ
  --repair ab-state         the file that selects the slot
  --repair boot-loader      boot files from a release; which slot boots stays
  --repair slot-record      slots whose record is lost or cannot be true: read, compared with R when given
  --repair partition-table  the damaged side of the partition table from the other one
  --repair both-bad         no good slot: one that still is what was written gets three tries
  --release R        release to take boot files from, or to compare a slot with
${TRUST}
${PLAN}
${YES}
What a repair overwrites is kept in the journal.`,
  },
  'config restore': {
    synopsis: 'config restore DISK --from FOLDER [--plan] [--yes]',
    text: `The files of a folder replace /config of a detached disk; the old ones are copied beside the journal first.\n${PLAN}\n${YES}`,
  },
  'table repair': {
    synopsis: 'table repair DISK [--keep primary|backup] [--plan] [--yes]',
    text: `Rebuilds a damaged primary partition table from the backup, or the other way round. Partitions stay as they are.
  --keep SIDE        where both are intact and differ: the one that stays ("twinslot inspect" shows both)\n${PLAN}\n${YES}`,
  },
  'report verify': {
    synopsis: 'report verify CERT.json --trust STATION.asc [--signature CERT.json.asc]',
    text: `Checks that a certificate is as the station signed it, and tells what it says.
  --trust KEYS       armored OpenPGP public key of the station ("Reports" in the console gives it out)
  --signature FILE   default: the certificate's name with .asc behind it`,
  },
  'slot list': {
    synopsis: 'slot list DISK',
    text: 'Shows both slots, what boots next, and what the boot loader counts.',
  },
  'slot default': {
    synopsis: 'slot default DISK A|B [--force REASON] [--plan] [--yes]',
    text: `Makes a slot the default, after checking it. A slot not yet confirmed gets three tries.\n${FORCE}\n${YES}`,
  },
  'slot once': {
    synopsis: 'slot once DISK A|B [--force REASON] [--plan] [--yes]',
    text: `Boots a slot once; without confirmation the other one boots afterwards.\n${FORCE}\n${YES}`,
  },
  'slot good': { synopsis: 'slot good DISK A|B [--force REASON] [--plan] [--yes]', text: 'Confirms a slot as good.' },
  'slot bad': {
    synopsis: 'slot bad DISK A|B [--force REASON] [--plan] [--yes]',
    text: 'Marks a slot bad; the other one boots.',
  },
  'slot reset': {
    synopsis: 'slot reset DISK A|B [--force REASON] [--plan] [--yes]',
    text: 'Clears the failure mark and the tries of a slot.',
  },
  'esp list': { synopsis: 'esp list DISK', text: 'Lists the files of the EFI system partition.' },
  'esp get': { synopsis: 'esp get DISK PATH FILE', text: 'Copies a file out of the EFI system partition.' },
  'esp put': { synopsis: 'esp put DISK PATH FILE [--yes]', text: 'Copies a file into the EFI system partition.' },
}

const EXITS = `Exit codes: 0 done, 1 failed after starting, 2 usage, 3 refused: unsafe or unfit disk, 4 refused: not authentic,
5 no permission, 6 cancelled, 7 device lost. --json on any command prints one JSON object per line.`

export function helpFor(command: string): string {
  const one = HELP[command]
  if (one) return `twinslot ${one.synopsis}\n\n${one.text}\n\n${EXITS}`
  const rows = Object.values(HELP).map(({ synopsis }) => `  twinslot ${synopsis}`)
  return `Provision, verify and recover A/B appliance disks.\n\n${rows.join('\n')}\n\n${EXITS}\ntwinslot help COMMAND tells more.`
}
