// The reports of this station: one certificate per unit and run, signed, kept as files, shown as pages, labels and rows.
// Whether one can be kept is tried before a job begins; saving itself never stops one: what fails then is logged, and it has no report.
import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { EngineError, isEngineError } from '#base/errors.ts'
import type { Certificate } from '#contract/certificate.ts'
import type { HistoryRow, ImageView, Problem, ReportView, Token } from '#contract/views.ts'
import type { Report } from '#engine/run-plan.ts'
import { sha256Hex } from '#node/codec/hashing.ts'
import { CERTIFICATE_LIMIT, checkCertificate, parseCertificate } from '#node/job/certificate-check.ts'
import { JOURNAL_LIMIT } from '#node/job/journal-file.ts'
import { readBounded } from '#node/os/bounded-read.ts'
import { errnoOf, reasonOf } from '#node/os/os-errors.ts'
import { rehearseReport } from '#node/os/rehearse-folder.ts'
import { writeFileAtomic } from '#node/os/state-file.ts'
import { readWordFile } from '#node/os/word-file.ts'
import type { Calls, Host, Reports, UnitEntry } from '../ports.ts'
import { problemOf } from '../problem.ts'
import { openTokens } from '../tokens.ts'
import { makeCertificate } from './certificate.ts'
import { certificateHtml } from './certificate-html.ts'
import { certificatesCsv } from './csv.ts'
import { labelHtml } from './label-html.ts'
import { stationFacts } from './station-facts.ts'
import { openStationSigner, type StationSigner } from './station-signer.ts'

type ReportCalls = Calls<'report.get' | 'report.csv' | 'report.verify'>

export interface StationReports extends Reports {
  readonly calls: ReportCalls
  view(): readonly ReportView[]
  /** Why it is not known which reports there are; null when it is. */
  readonly unread: Problem | null
  /** The newest ones, for the support bundle. */
  newest(count: number): Promise<readonly Certificate[]>
}

interface Entry {
  readonly file: string
  readonly view: ReportView
  readonly unitKey: string
  readonly sha256: string
}

export interface ReportNeeds {
  /** Commit of this console, where it is known. */
  readonly commit: string | null
  images(): readonly ImageView[]
}

/** Certificates in memory for one CSV and for a start; far more than a bench makes in a year. */
const MOST = 5000

/** Reads what is there; a file that is no certificate is left alone and logged. */
export async function openReports(host: Host, needs: ReportNeeds): Promise<StationReports> {
  const folder = host.paths.reports
  const tokens = openTokens<Entry>('report')
  const facts = stationFacts()
  let opening: Promise<StationSigner> | null = null
  const signer = (): Promise<StationSigner> => {
    opening ??= openStationSigner(host).catch((error: unknown) => {
      // The next certificate tries again: somebody may have put the key right.
      opening = null
      throw error
    })
    return opening
  }

  const unusable = (cause: unknown): EngineError => {
    const reason = isEngineError(cause) ? cause.message : reasonOf(cause)
    return new EngineError('job.reports-unusable', { file: folder, reason }, { cause })
  }
  const keep = (file: string, { certificate, sha256, signed }: Read): Token => {
    const token = tokens.name(file)
    return tokens.keep(file, { file, sha256, unitKey: certificate.drive.key, view: viewOf(token, certificate, signed) })
  }
  const entries = (): Entry[] =>
    tokens
      .entries()
      .map(([, entry]) => entry)
      .sort((a, b) => b.view.at.localeCompare(a.view.at))
  const view = (): readonly ReportView[] => entries().map((entry) => entry.view)
  const read = async ({ file }: Pick<Entry, 'file'>): Promise<{ bytes: Uint8Array; certificate: Certificate }> => {
    const bytes = await readWordFile(join(folder, file), CERTIFICATE_LIMIT)
    return { bytes, certificate: parseCertificate(file, bytes) }
  }

  const { names, unread } = await readdir(folder).then(
    (found) => ({ names: found, unread: null }),
    (error: unknown) => ({ names: [], unread: errnoOf(error) === 'ENOENT' ? null : problemOf(unusable(error)) }),
  )
  if (unread !== null) host.log(`reports: ${unread.message}`)
  const signatures = new Set(names.filter((name) => name.endsWith('.asc')))
  for (const file of names.filter((name) => name.endsWith('.json')).slice(0, MOST)) {
    try {
      const { bytes, certificate } = await read({ file })
      keep(file, { certificate, sha256: sha256Hex(bytes), signed: signatures.has(`${file}.asc`) })
    } catch (error) {
      host.log(`reports: ${problemOf(error).message}`)
    }
  }

  const save = async (unit: UnitEntry, report: Report): Promise<Token> => {
    const { trusted: _trusted, sign, fingerprint } = await signer()
    const before = entries().find(({ unitKey }) => unitKey === unit.view.key)
    const certificate = makeCertificate({
      id: randomUUID(),
      unit,
      report,
      operator: host.settings().operator,
      version: host.version,
      commit: needs.commit,
      station: await facts,
      images: needs.images(),
      journal: await journalOf(host.paths.journal, report.job),
      previous: before ? { id: before.view.id, at: before.view.at, sha256: before.sha256 } : null,
      signedBy: fingerprint,
    })
    const bytes = Buffer.from(`${JSON.stringify(certificate, null, 2)}\n`)
    const file = `${certificate.time.endedAt.replace(/[:.]/g, '-')}-${certificate.id}.json`
    // The signature first: a certificate that is seen has one.
    await writeFileAtomic(join(folder, `${file}.asc`), await sign(bytes), { mode: 0o644 })
    await writeFileAtomic(join(folder, file), bytes, { mode: 0o644 })
    const token = keep(file, { certificate, sha256: sha256Hex(bytes), signed: true })
    host.tell({ type: 'reports', reports: view() })
    return token
  }

  return {
    view,
    unread,
    async rehearse() {
      try {
        await rehearseReport(folder)
        // Made at the first certificate: its place has to be fit as well.
        await signer()
      } catch (error) {
        throw isEngineError(error, 'report.station-key') ? error : unusable(error)
      }
    },
    async newest(count) {
      const certificates: Certificate[] = []
      for (const entry of entries().slice(0, count)) certificates.push((await read(entry)).certificate)
      return certificates
    },
    async save(unit, report) {
      try {
        return await save(unit, report)
      } catch (error) {
        const { code, message } = problemOf(error)
        host.log(`reports: not saved: ${code} ${message}`)
        return null
      }
    },
    history: (unitKey) =>
      entries()
        .filter((entry) => entry.unitKey === unitKey)
        .map(({ view: { token, at, what, outcome } }): HistoryRow => ({ at, what, outcome, report: token })),
    calls: {
      'report.get': async ({ report, as, label }) => {
        const entry = tokens.get(report)
        const { bytes, certificate } = await read(entry)
        const name = basename(entry.file, '.json')
        switch (as) {
          case 'json':
            return { name: entry.file, type: 'application/json', text: new TextDecoder().decode(bytes) }
          case 'html':
            return { name: `${name}.html`, type: 'text/html', text: certificateHtml(certificate) }
          case 'label': {
            const text = labelHtml(certificate, sha256Hex(bytes), label ?? '62mm')
            return { name: `${name}-label.html`, type: 'text/html', text }
          }
          case 'signature': {
            const text = new TextDecoder().decode(await readWordFile(join(folder, `${entry.file}.asc`), 100_000))
            return { name: `${entry.file}.asc`, type: 'application/pgp-signature', text }
          }
          case 'key': {
            const { publicKey } = await signer()
            return { name: 'station.asc', type: 'application/pgp-keys', text: publicKey }
          }
        }
      },
      'report.csv': async ({ reports, bom }) => {
        const certificates: Certificate[] = []
        for (const report of reports) certificates.push((await read(tokens.get(report))).certificate)
        const day = host.clock.now().toISOString().slice(0, 10)
        return { name: `twinslot-${day}.csv`, type: 'text/csv', text: certificatesCsv(certificates, bom) }
      },
      'report.verify': async ({ report, signature }) => {
        const { trusted } = await signer()
        const encoder = new TextEncoder()
        const now = host.clock.now()
        try {
          const bytes = encoder.encode(report)
          const found = await checkCertificate('The certificate', bytes, encoder.encode(signature), trusted, now)
          return { valid: true, signer: found.signer.fingerprint, problem: null }
        } catch (error) {
          if (!(error instanceof EngineError)) throw error
          return { valid: false, signer: null, problem: problemOf(error) }
        }
      },
    },
  }
}

interface Read {
  readonly certificate: Certificate
  readonly sha256: string
  readonly signed: boolean
}

const viewOf = (token: Token, { id, time, drive, job, outcome, image }: Certificate, signed: boolean): ReportView => ({
  token,
  id,
  at: time.endedAt,
  unit: [drive.model, drive.serial ?? basename(drive.path)].filter(Boolean).join(' '),
  what: job.what ?? { kind: 'as-written', title: job.title },
  outcome: outcome === 'verified' ? 'done' : outcome,
  version: image?.version ?? null,
  signed,
})

/** Null when it is not there, or is the elevated runner's and not for our eyes. */
async function journalOf(folder: string, job: string): Promise<Certificate['journal']> {
  const bytes = await readBounded(join(folder, `${job}.jsonl`), JOURNAL_LIMIT).catch(() => null)
  return bytes && { sha256: sha256Hex(bytes), bytes: bytes.length }
}
