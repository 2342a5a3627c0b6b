// Self-test and support bundle. The bundle is one JSON document, redacted before anybody sees it: settings, bench, jobs,
// the console's log and its last certificates; never configuration, keys or tokens.
import { arch, cpus, platform, release, totalmem } from 'node:os'
import type { Certificate } from '#contract/certificate.ts'
import type { BatchView, BenchView, ImageView } from '#contract/views.ts'
import type { Calls, Host } from '../ports.ts'
import { problemOf } from '../problem.ts'
import { redact } from './redact.ts'
import { selfTest } from './self-test.ts'

export interface DiagnosticsNeeds {
  lines(): readonly string[]
  bench(): BenchView
  batches(): readonly BatchView[]
  images(): readonly ImageView[]
  reports(count: number): Promise<readonly Certificate[]>
}

const LAST_REPORTS = 5

export function openDiagnostics(
  host: Host,
  needs: DiagnosticsNeeds,
): { readonly calls: Calls<'diagnostics.self-test' | 'diagnostics.bundle'> } {
  return {
    calls: {
      'diagnostics.self-test': () => selfTest(host, needs),
      'diagnostics.bundle': async ({ withAddresses }) => {
        const at = host.clock.now().toISOString()
        const { language, theme, sounds, assistive, neverTouch } = host.settings()
        const bundle = {
          schema: 'twinslot-support/1',
          at,
          versions: { twinslot: host.version, host: host.kind, node: process.versions.node },
          system: { platform: platform(), release: release(), arch: arch(), cpus: cpus().length, memory: totalmem() },
          settings: { language, theme, sounds, assistive, neverTouch: neverTouch.length },
          selfTest: await selfTest(host, needs),
          bench: needs.bench(),
          jobs: needs.batches(),
          images: needs.images(),
          reports: await lastReports(needs),
          log: needs.lines(),
        }
        const { value, removed } = redact(bundle, { withAddresses })
        const text = `${JSON.stringify(Object.assign({}, value, { removed }), null, 2)}\n`
        return { name: `twinslot-support-${at.replace(/[:.]/g, '-')}.json`, text, removed }
      },
    },
  }
}

/** A report that cannot be read must not keep anybody from getting help. */
async function lastReports({ reports }: DiagnosticsNeeds): Promise<unknown> {
  try {
    return await reports(LAST_REPORTS)
  } catch (error) {
    return problemOf(error)
  }
}
