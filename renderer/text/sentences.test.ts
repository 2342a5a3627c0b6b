import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBytes } from '#base/bytes.ts'
import type { OverrideView, SelfTestText } from '#contract/views.ts'
import { BUILT_IN_LAYOUTS } from '#model/layouts.ts'
import type { ErasedText, JobText, KeptText, PlanTitle, StepText } from '#model/plan-text.ts'
import { describeErased, describeJob, describeKept, describeStepText, describeTitle } from '#plan/describe.ts'
import fc from '#testing/property.ts'
import { buildAppliance, buildUnit } from '../testing/fixtures.ts'
import { CATALOGUES, type Language, type TextKey } from './index.ts'
import {
  doneLine,
  erasedLine,
  fallbackLine,
  keptLine,
  layoutLine,
  overrideLine,
  selfTestLine,
  stepLine,
  summaryLine,
  titleLine,
  valuesOf,
} from './sentences.ts'
import { speechOf } from './translate.ts'

/** One of each kind; a kind without a sample does not compile. */
type Samples<T extends { kind: string }> = { readonly [K in T['kind']]: T & { readonly kind: K } }

const JOBS: Samples<JobText> = {
  provision: { kind: 'provision', version: '2.4.1', layout: 't640' },
  flash: { kind: 'flash', version: '2.4.1', slot: 'B' },
  'slot-default': { kind: 'slot-default', slot: 'B' },
  'slot-once': { kind: 'slot-once', slot: 'B' },
  'slot-good': { kind: 'slot-good', slot: 'B' },
  'slot-bad': { kind: 'slot-bad', slot: 'B' },
  'slot-reset': { kind: 'slot-reset', slot: 'B' },
  'repair-table': { kind: 'repair-table' },
  'repair-environment': { kind: 'repair-environment' },
  'repair-ab-state': { kind: 'repair-ab-state' },
  'repair-boot-loader': { kind: 'repair-boot-loader' },
  'repair-slot-record': { kind: 'repair-slot-record' },
  'repair-both-bad': { kind: 'repair-both-bad' },
  restore: { kind: 'restore', files: 3 },
}
const PART = { name: 'SLOT-A', type: 'esp', size: 512e6, held: 'version', version: '2.4.1' } as const
const ERASED: Samples<ErasedText> = {
  'mbr-disk': { kind: 'mbr-disk' },
  'unknown-content': { kind: 'unknown-content' },
  'other-product': { kind: 'other-product', found: 'kiosk', wanted: 'demo' },
  partition: { kind: 'partition', number: 2, ...PART },
  'device-partition': { kind: 'device-partition', node: '/dev/sdb2', ...PART },
  slot: { kind: 'slot', slot: 'B', held: 'version', version: '2.4.1' },
  'config-partition': { kind: 'config-partition', number: 4, name: 'CONFIG' },
  'config-files': { kind: 'config-files', number: 4, name: 'DATA' },
}
const KEPT: Samples<KeptText> = {
  slot: { kind: 'slot', slot: 'B' },
  esp: { kind: 'esp' },
  'config-and-data': { kind: 'config-and-data' },
  'both-slots': { kind: 'both-slots' },
  'boot-loader': { kind: 'boot-loader' },
  'boot-loader-and-environment': { kind: 'boot-loader-and-environment' },
  'slot-choice': { kind: 'slot-choice' },
  'slots-and-boot': { kind: 'slots-and-boot' },
  'other-partitions': { kind: 'other-partitions' },
  'other-data': { kind: 'other-data' },
  partitions: { kind: 'partitions' },
  everything: { kind: 'everything' },
}
const STEPS: Samples<StepText> = {
  wipe: { kind: 'wipe' },
  'write-record': { kind: 'write-record' },
  'keep-config': { kind: 'keep-config' },
  'table-from-primary': { kind: 'table-from-primary' },
  'table-from-backup': { kind: 'table-from-backup' },
  'write-slot': { kind: 'write-slot', slot: 'B', size: 1.26e9 },
  'write-slot-changed': { kind: 'write-slot-changed', slot: 'B', size: 1.26e9 },
  'check-slot': { kind: 'check-slot', slot: 'B', size: 1.26e9 },
  'make-filesystem': {
    kind: 'make-filesystem',
    number: 4,
    name: 'CONFIG',
    filesystem: 'ext4',
    size: 64e6,
    files: 3,
  },
  'make-esp': { kind: 'make-esp', size: 512e6, slot: 'B' },
  'probe-disk': { kind: 'probe-disk' },
  'check-disk': { kind: 'check-disk' },
  'write-table': { kind: 'write-table', partitions: 5 },
  'record-incomplete': { kind: 'record-incomplete', slot: 'B' },
  'record-slot': { kind: 'record-slot', slot: 'B' },
  'boot-once': { kind: 'boot-once', slot: 'B' },
  'boot-good': { kind: 'boot-good', slot: 'B' },
  'mark-good': { kind: 'mark-good', slot: 'B' },
  'mark-bad': { kind: 'mark-bad', slot: 'B' },
  'reset-tries': { kind: 'reset-tries', slot: 'B' },
  'write-selection': { kind: 'write-selection', slot: 'B' },
  'identify-slot': { kind: 'identify-slot', slot: 'B' },
  'revive-slot': { kind: 'revive-slot', slot: 'B' },
  'boot-trial': { kind: 'boot-trial', slot: 'B', tries: 3 },
  'write-environment': { kind: 'write-environment', good: 'B' },
  'write-environment-copy': { kind: 'write-environment-copy', good: 'none' },
  'put-boot-files': { kind: 'put-boot-files', files: ['/EFI/BOOT/BOOTX64.EFI', '/grub/grub.cfg'] },
  'identify-slots': { kind: 'identify-slots', first: 'A', second: 'B' },
  'revive-slots': { kind: 'revive-slots', first: 'B', second: 'A' },
  'replace-files': { kind: 'replace-files', directory: 'config', files: 3 },
}
const SELF_TEST: Samples<Exclude<SelfTestText, { kind: 'problem' }>> = {
  runner: { kind: 'runner' },
  root: { kind: 'root' },
  'no-disk': { kind: 'no-disk' },
  'consent-root': { kind: 'consent-root' },
  'consent-dialog': { kind: 'consent-dialog' },
  'no-pkexec': { kind: 'no-pkexec' },
  'no-agent': { kind: 'no-agent' },
  'space-low': { kind: 'space-low' },
  'clock-unknown': { kind: 'clock-unknown' },
  'clock-kept': { kind: 'clock-kept' },
  'clock-not-kept': { kind: 'clock-not-kept' },
  'usb-unseen': { kind: 'usb-unseen' },
  'usb-none': { kind: 'usb-none' },
  'usb-no-3': { kind: 'usb-no-3' },
  node: { kind: 'node', node: '24.1.0', system: 'linux 6.1 x64' },
  'node-needed': { kind: 'node-needed', least: 24 },
  disks: { kind: 'disks', count: 7, hidden: 3 },
  'all-writable': { kind: 'all-writable', count: 7 },
  'consent-each': { kind: 'consent-each', count: 7, total: 9 },
  agent: { kind: 'agent', agent: 'gnome-shell' },
  tools: { kind: 'tools', tools: ['mke2fs', 'debugfs'] },
  'tool-missing': { kind: 'tool-missing', tool: 'mke2fs', remedy: 'apt install e2fsprogs' },
  'tool-missing-for': { kind: 'tool-missing-for', tool: 'mkfs.xfs', use: 'xfs', remedy: 'apt install xfsprogs' },
  space: { kind: 'space', size: 7e9 },
  clock: { kind: 'clock', at: '2026-11-22T08:00:00Z', zone: 'Europe/Berlin' },
  'clock-behind': { kind: 'clock-behind', at: '2026-11-22T08:00:00Z' },
  'usb-fastest': { kind: 'usb-fastest', speed: 480 },
  'usb-slow': { kind: 'usb-slow', path: '/dev/sdb', speed: 480 },
}
const OVERRIDES: Samples<OverrideView['what']> = {
  'slot-default': { kind: 'slot-default' },
  'slot-once': { kind: 'slot-once' },
  'slot-good': { kind: 'slot-good' },
  'slot-bad': { kind: 'slot-bad' },
  'slot-reset': { kind: 'slot-reset' },
  'older-release': { kind: 'older-release', found: 240, known: 241 },
  'as-written': { kind: 'as-written', title: 'slot eject' },
}

const DISK = { name: 'Portable SSD T7 S3Z8NB0K4F2A91', size: 16e9, path: '/dev/sdb' }
const titles: readonly PlanTitle[] = Object.values(JOBS).map((job) => ({ ...DISK, job }))
const NOW = new Date('2026-11-22T09:00:00Z')
const LANGUAGES = Object.keys(CATALOGUES) as Language[]
const english = speechOf('en')

/** The English of the console, with sizes as the command line writes them. */
const consoleSays = (key: TextKey, ...texts: readonly object[]): string => {
  const values = texts.map((text) => {
    const known = valuesOf(text as Parameters<typeof valuesOf>[0], english)
    return 'size' in text ? { ...known, size: formatBytes(text.size as number) } : known
  })
  return english.t(key, Object.assign({}, ...values))
}

const slot = fc.constantFrom('A', 'B')
const word = fc.stringMatching(/^[\w.-]{1,20}$/)
const bytes = fc.integer({ min: 0, max: 2e12 })
const held = fc.constantFrom('version', 'unnamed', 'none')

/** The sample with other values of the same types. */
const varied = <T extends { kind: string }>(samples: Samples<T>): fc.Arbitrary<T> =>
  fc.constantFrom(...(Object.values(samples) as T[])).chain((sample) => {
    const fields = Object.entries(sample).map(([name, value]): [string, fc.Arbitrary<unknown>] => {
      if (name === 'slot' || name === 'first' || name === 'second') return [name, slot]
      if (name === 'good') return [name, fc.constantFrom('A', 'B', 'none')]
      if (name === 'type') return [name, fc.constantFrom('esp', 'linux', 'other')]
      if (name === 'held')
        return [
          name,
          sample.kind === 'slot' ? fc.constantFrom('version', 'unnamed', 'empty', 'incomplete', 'unknown') : held,
        ]
      if (name === 'size') return [name, bytes]
      if (typeof value === 'number') return [name, fc.integer({ min: 1, max: 200 })]
      return [name, Array.isArray(value) ? fc.array(word, { minLength: 1, maxLength: 4 }) : word]
    })
    return fc.record({ ...Object.fromEntries(fields), kind: fc.constant(sample.kind) }) as fc.Arbitrary<T>
  })

test('the English of the console is word for word that of the command line and the certificates', () => {
  fc.assert(
    fc.property(varied(STEPS), varied(ERASED), varied(KEPT), varied(JOBS), (step, erased, kept, job) => {
      assert.equal(consoleSays(`plan.step.${step.kind}`, step), describeStepText(step))
      assert.equal(consoleSays(`plan.erased.${erased.kind}`, erased), describeErased(erased))
      assert.equal(consoleSays(`plan.kept.${kept.kind}`, kept), describeKept(kept))
      assert.equal(consoleSays(`plan.job.${job.kind}`, job), describeJob(job))
      assert.equal(consoleSays(`plan.title.${job.kind}`, DISK, job), describeTitle({ ...DISK, job }))
    }),
    { numRuns: 300 },
  )
})

test('every sentence is said in every language with all its values, and not in English', () => {
  for (const language of LANGUAGES) {
    const speech = speechOf(language)
    const said = [
      ...titles.map((title) => [titleLine(title, speech), 'S3Z8NB0K4F2A91', '/dev/sdb']),
      [doneLine(JOBS.provision, speech).text, '2.4.1', 't640'],
      ...Object.values(JOBS).map((job) => [doneLine(job, speech).text, 'slot' in job ? 'B' : '']),
      ...Object.values(STEPS).map((step) => [stepLine(step, speech), 'slot' in step || 'second' in step ? 'B' : '']),
      [stepLine(STEPS['make-filesystem'], speech), 'CONFIG', 'ext4', '64', '/config'],
      [stepLine(STEPS['put-boot-files'], speech), '/EFI/BOOT/BOOTX64.EFI, /grub/grub.cfg'],
      ...[ERASED.partition, ERASED['device-partition']].map((text) => [
        erasedLine(text, speech),
        ...['SLOT-A', 'EFI', '512', '2.4.1'],
      ]),
      ...Object.values(ERASED).map((text) => [erasedLine(text, speech)]),
      ...Object.values(KEPT).map((text) => [keptLine(text, speech)]),
      ...Object.values(SELF_TEST).map((text) => [selfTestLine(text, NOW, speech), 'tool' in text ? text.remedy : '']),
      ...Object.values(OVERRIDES).map((what) => [
        overrideLine(
          { at: '2026-11-21T08:00:00Z', by: 'ada@bench', slot: 'B', reason: 'Kunde will', what },
          NOW,
          speech,
        ),
        ...['ada@bench', 'B', 'Kunde will', '2026'],
      ]),
      ...(['boot-failed', 'unhealthy', 'unloadable', 'gate-failed', 'operator'] as const).map((reason) => [
        fallbackLine(
          { at: '2026-11-21T08:00:00Z', slot: 'B', version: '2.4.1', reason, boots: 3, probes: [] },
          NOW,
          speech,
        ),
        ...['B', '2.4.1', '2026'],
      ]),
    ]
    for (const [text, ...values] of said) {
      assert.ok(text.length > 2 && !/[{}]|undefined|null/.test(text), `${language}: ${text}`)
      for (const value of values) assert.ok(text.includes(value), `${language}: ${text} without ${value}`)
    }
  }
})

test('in a line from right to left names, paths and versions keep their own direction', () => {
  const line = stepLine(STEPS['make-filesystem'], speechOf('ar'))
  assert.match(line, /\u2068CONFIG\u2069/)
  assert.doesNotMatch(stepLine(STEPS['make-filesystem'], speechOf('de')), /\u2068/)
  // What chooses a branch is not wrapped: the branch would be lost.
  assert.match(erasedLine(ERASED.partition, speechOf('ar')), /نظام EFI/)
})

test('a report of an older console keeps its English sentence and is marked as English', () => {
  const old = { kind: 'as-written', title: 'Provision with 1.0.0' } as const
  assert.deepEqual(doneLine(old, speechOf('de')), { text: 'Provision with 1.0.0', lang: 'en' })
  assert.equal(doneLine(JOBS.restore, speechOf('de')).lang, undefined)
})

test('the built-in layouts are described in the language, one from a file in its own words', () => {
  for (const layout of Object.values(BUILT_IN_LAYOUTS)) {
    assert.equal(layoutLine(layout, english), layout.description)
    assert.notEqual(layoutLine(layout, speechOf('de')), layout.description)
  }
  const own = { name: 'hp-t640', description: 'Ours.' }
  assert.equal(layoutLine(own, speechOf('de')), 'Ours.')
})

test('what is on a unit is one line in words of the language', () => {
  const german = speechOf('de')
  assert.equal(summaryLine(buildAppliance({}, { verdict: 'Bad' }), german), 'A: 2.4.1, Gut · B: 2.3.0, Schlecht')
  assert.equal(summaryLine(buildUnit(), german), '')
  assert.equal(summaryLine(buildUnit({ summary: { kind: 'mbr' } }), german), 'MBR-Partitionstabelle')
  assert.equal(summaryLine(buildUnit({ summary: { kind: 'partitions', names: ['EFI', ''] } }), german), 'EFI, ?')
})
