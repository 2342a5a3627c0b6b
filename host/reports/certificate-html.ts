// A certificate as a page that prints to one sheet of A4, whatever it holds: long lists are cut and counted, the JSON has
// them whole.
import { formatBytes } from '../../src-shared/base/bytes.ts'
import type { Certificate } from '../../src-shared/contract/certificate.ts'
import { type Html, html, page, plain } from './html.ts'
import { CERTIFICATE_STYLE } from './styles.ts'

const WORDS: Readonly<Record<Certificate['outcome'], string>> = {
  verified: 'Verified',
  done: 'Done',
  failed: 'Failed',
  stopped: 'Stopped',
}

/** Rows that a sheet has room for. */
const MAX = { partitions: 8, written: 9, files: 2, steps: 4, notes: 2 } as const
const SHORT = 48

const unknown = '–'
const short = (value: string | null, limit = SHORT): string => (value === null ? unknown : plain(value, limit))
const size = (value: number | null): string => (value === null ? unknown : formatBytes(value))

const rows = (pairs: readonly (readonly [string, string | Html])[]): Html =>
  html`<dl>${pairs.map(([name, value]) => html`<dt>${name}</dt><dd${typeof value === 'string' ? html`` : html` class="w"`}>${value}</dd>`)}</dl>`

/** At most `limit` of them, and how many more there are. */
function some<T>(items: readonly T[], limit: number, columns: number, row: (item: T) => Html): Html {
  const more = items.length - limit
  const rest = more > 0 ? html`<tr><td colspan="${columns}">and ${more} more, see the JSON file</td></tr>` : html``
  return html`${items.slice(0, limit).map(row)}${rest}`
}

export function certificateHtml(certificate: Certificate): string {
  const { id, drive, outcome, time, image } = certificate
  const name = short(drive.serial ?? drive.path)
  const body = html`<header>
<h1>Certificate</h1>
<div class="outcome">${WORDS[outcome]}</div>
</header>
${summary(certificate)}
<div class="two">
<section><h2>Drive</h2>${driveRows(drive)}</section>
<section><h2>Job</h2>${jobRows(certificate)}</section>
<section><h2>Image</h2>${image ? imageRows(image) : html`<p>No image was written.</p>`}</section>
<section><h2>Boot and configuration</h2>${bootRows(certificate)}</section>
</div>
${writtenTable(certificate)}
${partitionTable(certificate)}
<div class="two">
${stepsTable(certificate)}
${configTable(certificate)}
</div>
<footer>Report <code>${id}</code>, previous ${certificate.previous ? html`<code>${certificate.previous.id}</code>` : html`none known`}.
Journal sha256 <code>${certificate.journal?.sha256 ?? unknown}</code>.<br>
Signed by the station's key <code>${fingerprintGroups(certificate.signedBy)}</code>. This page is a copy for people: what counts is the JSON file
with its signature (twinslot report verify).</footer>`
  return page(`Certificate ${name} ${time.endedAt.slice(0, 10)}`, CERTIFICATE_STYLE, body)
}

export const fingerprintGroups = (fingerprint: string): string => fingerprint.match(/.{1,4}/g)?.join(' ') ?? ''

function summary({ job, error, overrides, warnings }: Certificate): Html {
  const notes = [
    ...overrides.map(({ what, reason, by }) => `Against advice: ${what}. ${plain(reason, 80)} (${plain(by, 40)})`),
    ...warnings.map(({ message }) => `Warning: ${message}`),
  ]
  const failed = error
    ? html`<div class="bad">${plain(error.message, 160)} <code>${error.code}</code> ${error.during === null ? '' : `during "${plain(error.during, 80)}"`}</div>`
    : html``
  return html`<p>${plain(job.title, 90)}. Confirmed: ${plain(job.confirmed, 150)}</p>${failed}${notes.slice(0, MAX.notes).map((note) => html`<div>${plain(note, 110)}</div>`)}`
}

/** A page has room for what tells the unit; on a bench nothing of it is known. */
const chassisRow = ({ product, serial, macAddresses }: Certificate['chassis']): string =>
  [short(product, 20), `S/N ${short(serial, 20)}`, ...(macAddresses ?? []).slice(0, 1)].join(', ')

const driveRows = (drive: Certificate['drive']): Html =>
  rows([
    ['Serial', short(drive.serial)],
    ['Model', short(drive.model)],
    ['WWN', short(drive.wwn)],
    ['Size', `${size(drive.size)} (${drive.size} bytes)`],
    ['Attached', `${drive.attachment}${drive.port === null ? '' : `, ${short(drive.port)}`}`],
    ['Path then', short(drive.path)],
    ['Health', html`${plain(healthText(drive.health), 84)}`],
  ])

function healthText({ before, after, whyNot }: Certificate['drive']['health']): string {
  if (before === null) return whyNot === null ? unknown : `not known: ${whyNot}`
  if (after === null) return `${healthWords(before)}; afterwards not known: ${whyNot ?? ''}`
  const changed = COUNTS.filter(([field]) => after[field] !== before[field])
  const news = changed.map(([field, word]) => `${word} ${before[field] ?? unknown} → ${after[field] ?? unknown}`)
  const then = news.length > 0 ? `changed: ${news.join(', ')}` : 'the same afterwards'
  return `${healthWords(before)}; ${then}`
}

type DriveHealth = NonNullable<Certificate['drive']['health']['before']>

/** Numbers that a job should not change. */
const COUNTS: readonly (readonly [
  Exclude<keyof DriveHealth, 'source' | 'passed' | 'celsius' | 'powerOnHours'>,
  string,
])[] = [
  ['reallocatedSectors', 'reallocated'],
  ['pendingSectors', 'pending'],
  ['uncorrectableSectors', 'uncorrectable'],
  ['mediaErrors', 'media errors'],
  ['linkErrors', 'link errors'],
  ['usedPercent', 'used %'],
]

function healthWords(health: DriveHealth): string {
  const { passed, powerOnHours, usedPercent } = health
  const verdict = passed === null ? 'no verdict' : passed ? 'passed' : 'FAILED'
  const facts = [
    verdict,
    ...(powerOnHours === null ? [] : [`${powerOnHours} h`]),
    ...(usedPercent === null ? [] : [`${usedPercent} % used`]),
    ...COUNTS.slice(0, 5).flatMap(([field, word]) => (health[field] ? [`${word} ${health[field]}`] : [])),
  ]
  return facts.join(', ')
}

function jobRows({ job, operator, time, station, console, chassis }: Certificate): Html {
  const kept = time.clock.synchronized
  const clock = kept === null ? 'not known whether synchronised' : kept ? 'synchronised' : 'not synchronised'
  return rows([
    ['Operator', short(operator)],
    ['Started', `${time.startedAt} (${time.zone})`],
    ['Ended', `${time.endedAt}, after ${time.seconds} s`],
    ['Clock', `${time.clock.source}, ${clock}`],
    ['Station', short(`${station.host}, ${station.system} ${station.architecture}`)],
    [
      'Console',
      `Twinslot ${short(console.version, 24)}${console.commit === null ? '' : ` (${console.commit.slice(0, 12)})`}`,
    ],
    ['Kind', `${job.kind}${job.resumed ? ', continued after an interruption' : ''}`],
    ...((chassis.product ?? chassis.serial ?? chassis.macAddresses) ? ([['Unit', chassisRow(chassis)]] as const) : []),
  ])
}

const imageRows = (image: NonNullable<Certificate['image']>): Html =>
  rows([
    ['Product', `${short(image.product, 30)} ${short(image.version, 20)}`],
    ['Counter', image.counter === null ? unknown : String(image.counter)],
    ['Release', html`<code>${image.digest}</code>`],
    ['System image', html`<code>${image.sha256 ?? unknown}</code>`],
    ['Signer', html`${short(image.signer.name)}<br><code>${fingerprintGroups(short(image.signer.fingerprint))}</code>`],
    ['Signed', `${short(image.signer.signedAt, 24)}, ${short(image.signer.algorithm, 16)} ${image.signer.hash ?? ''}`],
    ['Key expires', html`${keyText(image.signer)}`],
  ])

const keyText = ({ keyExpires, keyExpiresAtSigning: then }: NonNullable<Certificate['image']>['signer']): string =>
  then === null || then === keyExpires ? short(keyExpires, 24) : `${short(keyExpires, 24)} (when it signed: ${then})`

function bootRows({ boot, config, layout }: Certificate): Html {
  const tries = boot.triesLeft === null ? '' : `, ${boot.triesLeft} tries left`
  return rows([
    [
      'Boots',
      boot.wanted === null
        ? short(boot.defaultSlot)
        : `slot ${boot.wanted}${boot.trying ? `, trying ${boot.trying}${tries}` : ''}`,
    ],
    ['Boot files', boot.files === null ? unknown : `${boot.files}, from the signed release`],
    ['ESP image', html`<code>${boot.espSha256 ?? unknown}</code>`],
    ['Layout', short(layout.name)],
    ['Table GUID', html`<code>${short(layout.tableGuid, 36)}</code>`],
    ['Config files', config === null ? 'none were given' : String(config.files.length)],
  ])
}

const VERDICTS = { equal: 'equal', 'not-read-back': 'not read back', 'not-finished': 'not finished' } as const

function writtenTable({ written, image }: Certificate): Html {
  if (written.length === 0) return html``
  const digestOf = (found: string | null): Html => {
    if (found === null) return html`${unknown}`
    return found === image?.sha256 ? html`that of the system image` : html`<code>${found.slice(0, 40)}…</code>`
  }
  return html`<h2>Written and read back</h2>
<table><tr><th>Where</th><th class="n">Written</th><th class="n">Read back</th><th>Verdict</th><th>MB/s w / r</th><th colspan="3">SHA-256 read back</th></tr>
${some(written, MAX.written, 8, (row) => {
  const rate = (wanted: string): string =>
    String(row.stages.find(({ stage }) => stage === wanted)?.megabytesPerSecond ?? unknown)
  return html`<tr><td>${short(row.what, 26)}</td><td class="n">${size(row.bytesWritten)}</td><td class="n">${size(row.bytesReadBack)}</td>
<td>${VERDICTS[row.verdict]}</td><td>${rate('write')} / ${rate('read-back')}</td><td colspan="3">${digestOf(row.readBackSha256)}</td></tr>`
})}</table>`
}

function partitionTable({ layout }: Certificate): Html {
  if (layout.partitions.length === 0) return html``
  return html`<h2>Partitions</h2>
<table><tr><th>Number, name</th><th class="n">Offset</th><th class="n">Size</th><th>File system</th><th colspan="2">GUID</th></tr>
${some(
  layout.partitions,
  MAX.partitions,
  6,
  (
    part,
  ) => html`<tr><td>${part.number} ${short(part.name, 22)}</td><td class="n">${part.offset}</td><td class="n">${size(part.size)}</td>
<td>${part.filesystem ?? unknown}</td><td colspan="2"><code>${short(part.uniqueGuid)}</code></td></tr>`,
)}</table>`
}

function stepsTable({ steps }: Certificate): Html {
  return html`<section><h2>Steps</h2><table>${some(
    steps,
    MAX.steps,
    4,
    ({ title, seconds }) =>
      html`<tr><td colspan="3">${short(title)}</td><td class="n">${seconds.toFixed(1)} s</td></tr>`,
  )}</table></section>`
}

function configTable({ config }: Certificate): Html {
  if (config === null || config.files.length === 0) return html`<section></section>`
  return html`<section><h2>Configuration files (digests only)</h2><table>${some(
    config.files,
    MAX.files,
    3,
    ({ path, sha256 }) =>
      html`<tr><td>${short(path, 40)}</td><td class="w" colspan="2"><code>${sha256}</code></td></tr>`,
  )}</table></section>`
}
