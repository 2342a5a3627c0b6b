// A certificate as a page. Promises: no value and no row is cut; an ordinary one prints to one sheet of A4, a longer one goes on
// to the next.
import { formatBytes } from '#base/bytes.ts'
import type { Certificate } from '#contract/certificate.ts'
import { type Html, html, page } from './html.ts'
import { CERTIFICATE_STYLE } from './styles.ts'

const WORDS: Readonly<Record<Certificate['outcome'], string>> = {
  verified: 'Verified',
  done: 'Done',
  failed: 'Failed',
  stopped: 'Stopped',
}

const unknown = '–'
const known = (value: string | null): string => value ?? unknown
const size = (value: number | null): string => (value === null ? unknown : formatBytes(value))

const rows = (pairs: readonly (readonly [string, string | Html])[]): Html =>
  html`<dl>${pairs.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`

export function certificateHtml(certificate: Certificate): string {
  const { id, drive, outcome, time, image } = certificate
  const name = drive.serial ?? drive.path
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
    ...overrides.map(({ what, reason, by }) => `Against advice: ${what}. ${reason} (${by})`),
    ...warnings.map(({ message }) => `Warning: ${message}`),
  ]
  const failed = error
    ? html`<div class="bad">${error.message} <code>${error.code}</code> ${error.during === null ? '' : `during "${error.during}"`}</div>`
    : html``
  return html`<p>${job.title}. Confirmed: ${job.confirmed}</p>${failed}${notes.map((note) => html`<div>${note}</div>`)}`
}

/** A page has room for what tells the unit; on a bench nothing of it is known. */
const chassisRow = ({ product, serial, macAddresses }: Certificate['chassis']): string =>
  [known(product), `S/N ${known(serial)}`, ...(macAddresses ?? [])].join(', ')

const driveRows = (drive: Certificate['drive']): Html =>
  rows([
    ['Serial', known(drive.serial)],
    ['Model', known(drive.model)],
    ['WWN', known(drive.wwn)],
    ['Size', `${size(drive.size)} (${drive.size} bytes)`],
    ['Attached', `${drive.attachment}${drive.port === null ? '' : `, ${known(drive.port)}`}`],
    ['Path then', known(drive.path)],
    ['Health', html`${healthText(drive.health)}`],
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
    ['Operator', known(operator)],
    ['Started', `${time.startedAt} (${time.zone})`],
    ['Ended', `${time.endedAt}, after ${time.seconds} s`],
    ['Clock', `${time.clock.source}, ${clock}`],
    ['Station', known(`${station.host}, ${station.system} ${station.architecture}`)],
    ['Console', `Twinslot ${known(console.version)}${console.commit === null ? '' : ` (${console.commit})`}`],
    ['Kind', `${job.kind}${job.resumed ? ', continued after an interruption' : ''}`],
    ...((chassis.product ?? chassis.serial ?? chassis.macAddresses) ? ([['Unit', chassisRow(chassis)]] as const) : []),
  ])
}

const imageRows = (image: NonNullable<Certificate['image']>): Html =>
  rows([
    ['Product', `${known(image.product)} ${known(image.version)}`],
    ['Counter', image.counter === null ? unknown : String(image.counter)],
    ['Release', html`<code>${image.digest}</code>`],
    ['System image', html`<code>${image.sha256 ?? unknown}</code>`],
    ['Signer', html`${known(image.signer.name)}<br><code>${fingerprintGroups(known(image.signer.fingerprint))}</code>`],
    ['Signed', `${known(image.signer.signedAt)}, ${known(image.signer.algorithm)} ${image.signer.hash ?? ''}`],
    ['Key expires', html`${keyText(image.signer)}`],
  ])

const keyText = ({ keyExpires, keyExpiresAtSigning: then }: NonNullable<Certificate['image']>['signer']): string =>
  then === null || then === keyExpires ? known(keyExpires) : `${known(keyExpires)} (when it signed: ${then})`

function bootRows({ boot, config, layout }: Certificate): Html {
  const tries = boot.triesLeft === null ? '' : `, ${boot.triesLeft} tries left`
  return rows([
    [
      'Selected',
      boot.wanted === null
        ? known(boot.defaultSlot)
        : `slot ${boot.wanted}${boot.trying ? `, trying ${boot.trying}${tries}` : ''}`,
    ],
    ['Boots next', boot.next?.text ?? unknown],
    ['Boot files', boot.files === null ? unknown : `${boot.files}, from the signed release`],
    ['ESP image', html`<code>${boot.espSha256 ?? unknown}</code>`],
    ['Layout', known(layout.name)],
    ['Table GUID', html`<code>${known(layout.tableGuid)}</code>`],
    ['Config files', config === null ? 'none were given' : String(config.files.length)],
  ])
}

const VERDICTS = { equal: 'equal', 'not-read-back': 'not read back', 'not-finished': 'not finished' } as const

function writtenTable({ written, image }: Certificate): Html {
  if (written.length === 0) return html``
  const digestOf = (found: string | null): Html => {
    if (found === null) return html`${unknown}`
    return found === image?.sha256 ? html`that of the system image` : html`<code>${found}</code>`
  }
  return html`<h2>Written and read back</h2>
<table><tr><th>Where</th><th class="n">Written</th><th class="n">Read back</th><th>Verdict</th><th>MB/s w / r</th><th colspan="3">SHA-256 read back</th></tr>
${written.map((row) => {
  const rate = (wanted: string): string =>
    String(row.stages.find(({ stage }) => stage === wanted)?.megabytesPerSecond ?? unknown)
  return html`<tr><td>${known(row.what)}</td><td class="n">${size(row.bytesWritten)}</td><td class="n">${size(row.bytesReadBack)}</td>
<td>${VERDICTS[row.verdict]}</td><td>${rate('write')} / ${rate('read-back')}</td><td colspan="3">${digestOf(row.readBackSha256)}</td></tr>`
})}</table>`
}

function partitionTable({ layout }: Certificate): Html {
  if (layout.partitions.length === 0) return html``
  return html`<h2>Partitions</h2>
<table><tr><th>Number, name</th><th class="n">Offset</th><th class="n">Size</th><th>File system</th><th colspan="2">GUID</th></tr>
${layout.partitions.map(
  (
    part,
  ) => html`<tr><td>${part.number} ${known(part.name)}</td><td class="n">${part.offset}</td><td class="n">${size(part.size)}</td>
<td>${part.filesystem ?? unknown}</td><td colspan="2"><code>${known(part.uniqueGuid)}</code></td></tr>`,
)}</table>`
}

function stepsTable({ steps }: Certificate): Html {
  return html`<section><h2>Steps</h2><table>${steps.map(
    ({ title, seconds }) =>
      html`<tr><td colspan="3">${known(title)}</td><td class="n">${seconds.toFixed(1)} s</td></tr>`,
  )}</table></section>`
}

function configTable({ config }: Certificate): Html {
  if (config === null || config.files.length === 0) return html`<section></section>`
  return html`<section><h2>Configuration files (digests only)</h2><table>${config.files.map(
    ({ path, sha256 }) => html`<tr><td>${known(path)}</td><td colspan="2"><code>${sha256}</code></td></tr>`,
  )}</table></section>`
}
