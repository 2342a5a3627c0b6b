import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '#base/bytes.ts'
import type { Result } from '#base/result.ts'
import { builtinLayout, DEFAULT_LAYOUT } from '#model/layouts.ts'
import type { Manifest } from '#model/manifest.ts'
import type { DiskObservation } from '#model/observation.ts'
import type { Plan, ProvisionRequest, ReleaseFacts } from '#model/plan.ts'
import {
  abDisk,
  blankDisk,
  buildContent,
  buildDisk,
  buildRecords,
  buildRelease,
  manifestOf,
  provisionRequest,
} from '#testing/builders.ts'
import fc from '#testing/property.ts'
import { describePlan } from './describe.ts'
import { isSealed, jobKey } from './plan-id.ts'
import { checkSeed, mergeExtents, planProvision as planWith } from './provision.ts'

type Four = [ProvisionRequest, DiskObservation, ReleaseFacts, ReleaseFacts | null]
const planProvision = (...[request, seen, release, boot]: Four) =>
  planWith(request, seen, release, boot, [manifestOf(release)])

const codes = (result: Result<Plan>) => (result.ok ? [] : result.refusals.map((each) => each.code))
function planOf(result: Result<Plan>): Plan {
  if (!result.ok) assert.fail(`refused: ${codes(result).join(', ')}`)
  return result.value
}

test('a blank disk is wiped, marked, filled, given an ESP, its marks are read again, and its partition table comes last', () => {
  const plan = planOf(planProvision(provisionRequest(), blankDisk(), buildRelease(), null))
  assert.deepEqual(
    plan.steps.map((step) => step.type),
    ['wipe', 'probe-disk', 'write-image', 'make-filesystem', 'write-esp', 'check-disk', 'write-table'],
  )
})

test('the free ends of the disk, where the table comes, are zero at the end; marks stay elsewhere, but not in an image file', () => {
  const sizes = fc.integer({ min: 16e9 / 512, max: 2e12 / 512 }).map((sectors) => sectors * 512)
  fc.assert(
    fc.property(sizes, fc.constantFrom('usb', 'file', 'loop'), (size, bus) => {
      const disk = blankDisk({ bus, identity: { ...buildDisk().identity, size } })
      const { steps } = planOf(planProvision(provisionRequest(), disk, buildRelease(), null))
      const [check, table] = steps.slice(-2)
      if (check.type !== 'check-disk' || table.type !== 'write-table') assert.fail('the marks come before the table')
      assert.equal(check.marksStay, bus !== 'file')
      const last = Math.max(...table.table.entries.map(({ lastLba }) => (lastLba + 1) * 512))
      const [first, end] = check.blank
      assert.deepEqual(first, { offset: 0, length: MIB })
      assert.ok(end.offset >= last && end.offset >= size - MIB && end.offset + end.length === size)
      // 33 sectors at each end of the disk are the table itself.
      assert.ok(end.length >= 33 * 512)
    }),
    { numRuns: 60 },
  )
})

test('both slots are written when asked, and the first one named is the default', () => {
  const plan = planOf(planProvision(provisionRequest({ slots: ['A', 'B'] }), blankDisk(), buildRelease(), null))
  const slots = plan.steps.flatMap((step) => (step.type === 'write-image' ? [step.slot] : []))
  assert.deepEqual(slots, ['A', 'B'])
  const esp = plan.steps.find((step) => step.type === 'write-esp')
  assert.equal(esp?.defaultSlot, 'A')
})

test('planning the same request twice gives the same plan, and any change of request, disk or release another', () => {
  const make = (request = provisionRequest(), disk = blankDisk(), release = buildRelease()) =>
    planOf(planProvision(request, disk, release, null)).id
  assert.equal(make(), make())
  const ids = new Set([
    make(),
    make(provisionRequest({ seed: 'other' })),
    make(provisionRequest({ slots: ['B'] })),
    make(provisionRequest(), blankDisk({ identity: { ...buildDisk().identity, serial: 'OTHER' } })),
    make(provisionRequest(), abDisk()),
    make(provisionRequest(), blankDisk(), buildRelease({ digest: '44'.repeat(32) })),
  ])
  assert.equal(ids.size, 6)
})

test('two units never get an equal GUID, volume id or file system UUID from the same seed; the same unit gets the same again', () => {
  const { identity } = buildDisk()
  const units = [
    {},
    { serial: 'OTHER' },
    { wwn: 'naa.5' },
    { size: identity.size + 512 },
    { busPath: 'pci-0000:00:1f.2-ata-9' },
  ]
  const idsOf = (change: Partial<typeof identity>): string[] => {
    const disk = blankDisk({ identity: { ...identity, ...change } })
    const { steps } = planOf(planProvision(provisionRequest({ seed: 'bench' }), disk, buildRelease(), null))
    return steps.flatMap((step) => {
      if (step.type === 'make-filesystem') return [step.uuid]
      if (step.type === 'write-esp') return [String(step.volumeId)]
      if (step.type !== 'write-table') return []
      return [step.table.diskGuid, ...step.table.entries.map(({ uniqueGuid }) => uniqueGuid)]
    })
  }
  const all = units.flatMap(idsOf)
  assert.equal(new Set(all).size, all.length)
  assert.deepEqual(units.flatMap(idsOf), all)
})

test('a chosen seed is refused for a disk that does not say who it is: the next one at that port would get its GUIDs', () => {
  const { identity } = buildDisk()
  const nameless = { identity: { ...identity, serial: null, wwn: null } }
  const found = (change: Parameters<typeof buildDisk>[0]) => checkSeed(buildDisk(change)).map(({ code }) => code)
  assert.deepEqual(found({ ...nameless, bus: 'usb' }), ['plan.seed-nameless'])
  assert.deepEqual(found({ ...nameless, bus: 'file' }), [])
  assert.deepEqual(found({ bus: 'usb', identity: { ...identity, serial: null, wwn: 'naa.5' } }), [])
})

test('a plan that was edited no longer fits its id', () => {
  const plan = planOf(planProvision(provisionRequest(), blankDisk(), buildRelease(), null))
  assert.equal(isSealed(plan), true)
  assert.equal(isSealed({ ...plan, disk: { ...plan.disk, serial: 'OTHER' } }), false)
  assert.equal(isSealed({ ...plan, steps: plan.steps.slice(1) }), false)
})

test('a job has the same key when it is asked for again later, another one for another disk, layout or release', () => {
  const request = provisionRequest()
  const plan = planOf(planProvision(request, blankDisk(), buildRelease(), null))
  const key = jobKey(request, plan.disk, buildRelease())
  assert.equal(jobKey({ ...request, at: '2027-01-01T00:00:00Z', seed: 'other' }, plan.disk, buildRelease()), key)
  assert.notEqual(jobKey({ ...request, slots: ['B'] }, plan.disk, buildRelease()), key)
  assert.notEqual(jobKey(request, { ...plan.disk, serial: 'OTHER' }, buildRelease()), key)
  assert.notEqual(jobKey(request, plan.disk, buildRelease({ digest: '44'.repeat(32) })), key)
})

test('each reason against it is a refusal with its code', () => {
  const of = (...args: Partial<Four>) => {
    const [request = provisionRequest(), seen = blankDisk(), release = buildRelease(), boot = null] = args
    return codes(planProvision(request, seen, release, boot))
  }
  assert.deepEqual(of(undefined, blankDisk({ system: true })), ['disk.system'])
  assert.deepEqual(of(undefined, blankDisk({ mounts: ['/mnt'] })), ['disk.mounted'])
  assert.deepEqual(of(undefined, blankDisk({ readOnly: true })), ['disk.read-only'])
  assert.deepEqual(of(undefined, blankDisk({ identity: { ...buildDisk().identity, size: 4_000_000_000 } })), [
    'layout.disk-too-small',
  ])
  assert.deepEqual(of(undefined, undefined, buildRelease({ system: null })), ['plan.no-system-image'])
  assert.deepEqual(of(undefined, undefined, buildRelease({ esp: null })), ['plan.no-boot-files'])
  assert.deepEqual(of(undefined, undefined, buildRelease({ system: { size: 2_100_000_000, sha256: '' } })), [
    'plan.image-too-large',
  ])
  assert.deepEqual(of(undefined, undefined, undefined, buildRelease({ product: 'other' })), ['plan.boot-product'])
  const config = [{ path: 'a', size: 1, sha256: '', mode: 420 }]
  const layout = { ...DEFAULT_LAYOUT, partitions: DEFAULT_LAYOUT.partitions.slice(0, 3) }
  assert.deepEqual(of(provisionRequest({ config, layout })), ['plan.config-missing-partition'])
})

test('a triple without boot files is provisioned with those of --boot', () => {
  const triple = buildRelease({ kind: 'triple', product: null, version: null, counter: null, esp: null })
  assert.deepEqual(codes(planProvision(provisionRequest(), blankDisk(), triple, null)), ['plan.no-boot-files'])
  const plan = planOf(planProvision(provisionRequest(), blankDisk(), triple, buildRelease()))
  assert.equal(plan.boot?.version, '1.0.0')
})

test('an older release counter needs a reason, and the reason is what gets recorded', () => {
  const seen = abDisk({ records: buildRecords({ A: { state: 'written', content: buildContent({ counter: 7 }) } }) })
  assert.deepEqual(codes(planProvision(provisionRequest(), seen, buildRelease({ counter: 6 }), null)), [
    'release.older-counter',
  ])
  const plan = planOf(
    planProvision(
      provisionRequest({ allowOlder: 'back to the last tested one' }),
      seen,
      buildRelease({ counter: 6 }),
      null,
    ),
  )
  const esp = plan.steps.find((step) => step.type === 'write-esp')
  assert.deepEqual(esp?.override?.reason, 'back to the last tested one')
  const same = planOf(
    planProvision(provisionRequest({ allowOlder: 'not needed' }), seen, buildRelease({ counter: 7 }), null),
  )
  assert.equal(same.steps.find((step) => step.type === 'write-esp')?.override, null)
})

test('a disk that held another product is provisioned only with a reason, which is recorded; the plan says found and wanted', () => {
  const held = (product: string | null) =>
    ({ state: 'written', content: buildContent({ product, counter: null }) }) as const
  const { slotProducts: _none, ...plain } = abDisk({ records: buildRecords({ A: held('kiosk'), B: held('demo') }) })
  const byImage = {
    ...abDisk({ records: buildRecords({ A: held(null), B: { state: 'unknown' } }) }),
    slotProducts: { B: 'kiosk' },
  }
  const unreadable = { ...plain, boot: null, slotProducts: { A: 'kiosk' } }
  for (const seen of [plain, byImage, unreadable]) {
    const refused = planProvision(provisionRequest(), seen, buildRelease(), null)
    if (refused.ok) assert.fail('another product goes without a word')
    assert.deepEqual(refused.refusals, [
      { code: 'release.other-product', details: { expected: 'demo', found: 'kiosk' } },
    ])
    const plan = planOf(planProvision(provisionRequest({ allowOlder: 'new duty' }), seen, buildRelease(), null))
    const esp = plan.steps.find((step) => step.type === 'write-esp')
    assert.equal(esp?.override?.reason, 'new duty')
    assert.equal(esp?.override?.action, 'product demo where kiosk was')
    assert.match(describePlan(plan).erased[0], /found kiosk, wanted demo/)
  }
  const both = buildRecords({
    A: { state: 'written', content: buildContent({ counter: 7 }) },
    B: held('kiosk'),
  })
  const plan = planOf(
    planProvision(
      provisionRequest({ allowOlder: 'both' }),
      abDisk({ records: both }),
      buildRelease({ counter: 6 }),
      null,
    ),
  )
  const esp = plan.steps.find((step) => step.type === 'write-esp')
  assert.equal(esp?.override?.action, 'release counter 6 below 7; product demo where kiosk was')
})

test('a job with a reason that was interrupted records it when it goes on, with or without the reason repeated', () => {
  const override = {
    slot: 'A',
    action: 'product demo where kiosk was',
    reason: 'new duty',
    at: 'then',
    by: 'me',
  } as const
  const overrideIn = (allowOlder: string | null) => {
    const plan = planOf(planWith(provisionRequest({ allowOlder }), blankDisk(), buildRelease(), null, [], override))
    return plan.steps.find((step) => step.type === 'write-esp')?.override
  }
  assert.deepEqual(overrideIn('new duty'), override)
  assert.deepEqual(overrideIn(null), override)
  const keyWith = (allowOlder: string | null) => {
    const plan = planOf(planProvision(provisionRequest({ allowOlder }), blankDisk(), buildRelease(), null))
    return jobKey(plan.request, plan.disk, plan.release)
  }
  assert.equal(keyWith(null), keyWith('new duty'), 'the same job, which finds what the interrupted one was allowed')
})

test('a blank disk, one that is no appliance, the same product, and a release without product contradict nothing', () => {
  const nameless = buildRelease({ kind: 'triple', product: null, version: null, counter: 1 })
  const other = { ...abDisk(), slotProducts: { B: 'demo' } }
  for (const seen of [blankDisk(), { ...blankDisk(), content: 'mbr' as const }, other])
    assert.deepEqual(codes(planProvision(provisionRequest(), seen, buildRelease(), null)), [])
  assert.deepEqual(codes(planWith(provisionRequest(), other, nameless, buildRelease(), [])), [])
})

test('/config goes into the config partition where there is one, else into the data partition', () => {
  const config = [{ path: 'hypernet/server.yaml', size: 1, sha256: '', mode: 420 }]
  const place = (name: string, size: number) => {
    const layout = builtinLayout(name)
    assert.ok(layout)
    const disk = blankDisk({ identity: { ...buildDisk().identity, size } })
    const plan = planOf(planProvision(provisionRequest({ config, layout }), disk, buildRelease(), null))
    return plan.steps.flatMap((step) =>
      step.type === 'make-filesystem' && step.files.length > 0 ? [[step.partition.role, step.into]] : [],
    )
  }
  assert.deepEqual(place('hp-t640', 16_000_000_000), [['data', 'config']])
  assert.deepEqual(place('hypernet-server', 1_000_000_000_000), [['config', '']])
})

test('what is on the disk is named in the plan, with hostile names made harmless', () => {
  const seen = abDisk()
  assert.ok(seen.table)
  const [first, ...rest] = seen.table.entries
  const table = { ...seen.table, entries: [{ ...first, name: 'E\u202eSP\u0007' }, ...rest] }
  const plan = planOf(planProvision(provisionRequest(), { ...seen, table }, buildRelease(), null))
  assert.equal(plan.erased.length, 4)
  const text = describePlan(plan)
  assert.match(text.erased[0], /"E\?SP\?" \(EFI system, 512 MB\)|"E\?SP\?" \(EFI system, 513 MB\)/)
  assert.match(text.erased[1], /version 1\.0\.0/)
  assert.match(text.title, /^Disk Portable SSD S3Z8NB0K4F2A91 \(16\.0 GB, \/dev\/sdb\) will be erased/)
  assert.equal(text.steps.length, plan.steps.length)
})

test('no step writes outside the disk, and the wiped ranges cover the edges of every partition', () => {
  fc.assert(
    fc.property(fc.integer({ min: 8_000, max: 2_000_000 }), fc.constantFrom(512, 4096), (megabytes, sectorSize) => {
      const size = megabytes * 1_000_000 - ((megabytes * 1_000_000) % sectorSize)
      const disk = blankDisk({ sectorSize, identity: { ...buildDisk().identity, size } })
      const plan = planOf(planProvision(provisionRequest({ slots: ['A', 'B'] }), disk, buildRelease(), null))
      for (const step of plan.steps) {
        if (step.type === 'write-image') assert.ok(step.at.offset + step.size <= step.at.offset + step.at.length)
        if (step.type === 'write-esp' || step.type === 'make-filesystem')
          assert.ok(step.partition.offset + step.partition.size <= size)
        if (step.type === 'wipe') {
          for (const { offset, length } of [...step.tables, ...step.signatures])
            assert.ok(offset >= 0 && length > 0 && offset + length <= size)
          assert.ok(step.tables.some(({ offset, length }) => offset === 0 && length >= MIB))
        }
      }
    }),
    { numRuns: 100 },
  )
})

test('merged extents cover exactly the same bytes', () => {
  const extent = fc.record({ offset: fc.integer({ min: 0, max: 60 }), length: fc.integer({ min: 1, max: 20 }) })
  const bytes = (list: readonly { offset: number; length: number }[]) =>
    new Set(list.flatMap(({ offset, length }) => Array.from({ length }, (_, i) => offset + i)))
  fc.assert(
    fc.property(fc.array(extent, { maxLength: 12 }), (extents) => {
      const merged = mergeExtents(extents)
      assert.deepEqual(
        [...bytes(merged)].sort((a, b) => a - b),
        [...bytes(extents)].sort((a, b) => a - b),
      )
      for (const [i, each] of merged.slice(1).entries()) assert.ok(each.offset > merged[i].offset + merged[i].length)
    }),
    { numRuns: 200 },
  )
})

test('an expired release, and one from the future, is refused by its manifest', () => {
  const plan = (change: Partial<Manifest>) =>
    codes(planWith(provisionRequest(), blankDisk(), buildRelease(), null, [manifestOf(buildRelease(), change)]))
  assert.deepEqual(plan({ expires: '2026-01-02T03:04:04Z' }), ['release.expired'])
  assert.deepEqual(plan({ created: '2027-01-01T00:00:00Z' }), ['release.from-future'])
})

test('a configuration that its partition has no room for is refused in the plan', () => {
  const server = builtinLayout('hypernet-server') ?? assert.fail()
  const small = {
    ...server,
    partitions: server.partitions.map((part) => (part.role === 'config' ? { ...part, size: 8 * MIB } : part)),
  }
  const size = 1e12
  const plan = (files: number, bytes: number) => {
    const config = Array.from({ length: files }, (_, i) => ({
      path: `f${i}`,
      size: bytes,
      sha256: '00'.repeat(32),
      mode: 0o644,
    }))
    const disk = blankDisk({ identity: { ...buildDisk().identity, size } })
    return codes(planProvision(provisionRequest({ layout: small, config }), disk, buildRelease(), null))
  }
  assert.deepEqual(plan(50, 20_000), [])
  assert.deepEqual(plan(1, 4 * MIB), ['config.no-room'])
  // Files need whole blocks and a place in the table of files.
  assert.deepEqual(plan(600, 1), ['config.no-room'])
})
