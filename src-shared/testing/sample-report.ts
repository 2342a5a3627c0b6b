// A unit on a bench and an engine's report about it, for tests of what is made from them.

import type { UnitView } from '#contract/views.ts'
import type { Evidence } from '#engine/ports.ts'
import type { UnitEntry } from '#host/ports.ts'
import type { RunnerReport } from '#host/runner/surroundings.ts'
import type { Plan } from '#model/plan.ts'
import { buildDisk } from './builders.ts'

const VIEW: UnitView = {
  token: 'token-of-a-unit',
  key: 'serial S3Z8NB0K4F2A91',
  kind: 'disk',
  path: '/dev/sdb',
  model: 'Portable SSD',
  serial: 'S3Z8NB0K4F2A91',
  size: 16_000_000_000,
  attachment: 'usb',
  port: 'usb 1-1',
  removable: false,
  twin: false,
  content: 'blank',
  known: { lastJob: null, content: null, unfinished: null },
  summary: { kind: 'nothing' },
  partitions: [],
  recovery: null,
  tableSides: null,
  configAge: null,
  configAgainst: { read: null, restore: null },
  refusals: [],
  warnings: [{ code: 'host.usb-slow', message: 'A slow port.', remedy: 'Another port.', details: {} }],
}

export const sampleUnit = (change: Partial<UnitView> = {}): UnitEntry => ({
  view: { ...VIEW, ...change },
  disk: buildDisk(),
})

/** What every step of a sample report proved. */
const EVIDENCE: Evidence = {
  sha256: '11'.repeat(32),
  bytesWritten: 10,
  bytesReadBack: 10,
  writeMs: 2000,
  readBackMs: 1000,
}

/** As if every step had gone well, unless changed. */
export function sampleReport(plan: Plan, change: Partial<RunnerReport> = {}): RunnerReport {
  return {
    schema: 'twinslot-report/1',
    outcome: 'done',
    job: 'job',
    plan,
    startedAt: '2026-01-02T03:04:05.000Z',
    endedAt: '2026-01-02T03:06:05.000Z',
    resumed: false,
    steps: plan.steps.map(() => ({
      title: 'A step',
      evidence: EVIDENCE,
      startedAt: '2026-01-02T03:04:05.000Z',
      endedAt: '2026-01-02T03:04:06.000Z',
    })),
    account: { bytesWritten: 1, bytesZeroed: 0, bytesRead: 1, flushes: 1, touched: true },
    error: null,
    boot: null,
    ...change,
  }
}
