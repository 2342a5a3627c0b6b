// An image goes only where it belongs: its own word against the layout that is made and the disk that stays; product and
// hardware against the layout; and nothing that the disk knows of versions is lowered or lost without a logged reason.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Result } from '#base/result.ts'
import { diskOf, type ImageDisk } from '#model/image-facts.ts'
import type { Layout } from '#model/layout.ts'
import { BUILT_IN_LAYOUTS } from '#model/layouts.ts'
import type { Plan, ReleaseFacts } from '#model/plan.ts'
import { abDisk, blankDisk, buildRelease, flashRequest, manifestOf, provisionRequest } from '#testing/builders.ts'
import { planFlash } from './flash.ts'
import { checkDisk, factsDiffer } from './image-fits.ts'
import { planProvision } from './provision.ts'

const { 'hp-t640': appliance, 'hypernet-server': server } = BUILT_IN_LAYOUTS
const disk = (layout: Layout, change: Partial<ImageDisk> = {}): ImageDisk => ({
  ...(diskOf(layout, ['fat32', 'ext4', 'xfs']) ?? assert.fail()),
  ...change,
})
const codes = (result: Result<Plan>) => (result.ok ? [] : result.refusals.map(({ code }) => code))

test('an image that was built for the layout fits it, whatever else the layout is called', () => {
  for (const layout of [appliance, server]) {
    assert.deepEqual(checkDisk(disk(layout), layout), [])
    assert.deepEqual(checkDisk(disk(layout), { ...layout, name: 'copy' }), [])
  }
})

test('drivers, mounts, encryption, state folder and configuration folder must agree; both sides are named', () => {
  const encrypted: Layout = {
    ...server,
    partitions: server.partitions.map((part) => (part.role === 'data' ? { ...part, encryption: 'luks2' } : part)),
  }
  const rows: [ImageDisk, Layout, string, RegExp, RegExp][] = [
    [
      disk(server, { filesystems: ['fat32', 'ext4'] }),
      server,
      'drivers for the file systems',
      /^fat32, ext4$/,
      /^xfs on MEDIA$/,
    ],
    [disk(server), encrypted, 'the mounts', /DATA \(ext4\) at \/data/, /DATA \(ext4 in luks2\) at \/data/],
    [disk(server, { stateDir: '/var/lib/msp' }), server, 'the state folder', /^\/var\/lib\/msp$/, /^\/data\/twinslot$/],
    [
      disk(appliance, { configDir: '/etc/site' }),
      appliance,
      'the configuration folder',
      /\/etc\/site/,
      /^\/config from/,
    ],
  ]
  for (const [image, layout, what, found, expected] of rows) {
    const [finding, ...more] = checkDisk(image, layout)
    assert.deepEqual([finding?.code, finding?.details.what, more], ['image.layout-mismatch', what, []])
    assert.match(String(finding.details.found), found)
    assert.match(String(finding.details.expected), expected)
  }
})

test('an image for another layout is refused when a disk is provisioned and when a slot is written', () => {
  const release = (imageDisk: ImageDisk): ReleaseFacts => buildRelease({ imageDisk })
  const provision = (facts: ReleaseFacts) =>
    codes(planProvision(provisionRequest(), blankDisk(), facts, null, [manifestOf(facts)]))
  assert.deepEqual(provision(release(disk(appliance))), [])
  assert.ok(provision(release(disk(server))).includes('image.layout-mismatch'))
  const flash = (facts: ReleaseFacts) => codes(planFlash(flashRequest(), abDisk(), facts, manifestOf(facts)))
  assert.deepEqual(flash(release(disk(appliance))), [])
  assert.deepEqual(flash(release(disk(server))), ['image.layout-mismatch'])
})

test('a release for another product or hardware than the layout says is refused, on a blank disk as well', () => {
  const plan = (layout: Partial<Layout>, hardware: string[]) => {
    const facts = buildRelease()
    const request = provisionRequest({ layout: { ...appliance, ...layout } })
    return codes(planProvision(request, blankDisk(), facts, null, [manifestOf(facts, { hardware })]))
  }
  assert.deepEqual(plan({}, []), [])
  assert.deepEqual(plan({}, ['HP t640 Thin Client']), [])
  assert.deepEqual(plan({}, ['OptiPlex 3050']), ['release.wrong-hardware'])
  assert.deepEqual(plan({ product: 'demo' }, []), [])
  assert.deepEqual(plan({ product: 'hypernet' }, []), ['release.wrong-product'])
})

test('a triple that lowers or loses the version or the counter of the disk needs a reason, which is recorded', () => {
  const triple = (version: string | null, counter: number | null): ReleaseFacts =>
    buildRelease({ kind: 'triple', product: version === null ? null : 'demo', version, counter })
  const rows: [ReleaseFacts, string?][] = [
    [triple('1.0.1', 2)],
    [triple('1.0.0', 1)],
    [triple('0.9.0', 1), 'release.older-version'],
    // The counter is what the maker says about the order.
    [triple('0.9.0', 2)],
    [triple('1.0.1', 0), 'release.older-counter'],
    [triple('1.0.1', null), 'release.older-counter'],
    [triple(null, null), 'release.older-counter'],
  ]
  for (const [facts, first] of rows) {
    const plan = (allowOlder: string | null) => planFlash(flashRequest({ allowOlder }), abDisk(), facts, null)
    // The counter of the disk is 1, its version 1.0.0.
    assert.deepEqual(codes(plan(null)), first ? [first] : [], `${facts.version} ${facts.counter}`)
    const allowed = plan('the old driver')
    if (!allowed.ok) assert.fail(codes(allowed).join())
    const record = allowed.value.steps.findLast((step) => step.type === 'record-slot')
    assert.equal(record?.override?.reason, first && 'the old driver')
  }
})

test('an image that says of itself something else than its manifest is told by what differs', () => {
  const manifest = { product: 'demo', version: '2.0.0', counter: 2, hardware: ['HP t740', 'HP t640'] }
  const said = { product: 'demo', version: '2.0.0', hardware: ['HP t640', 'HP t740'], counter: 2, disk: null }
  assert.deepEqual(factsDiffer(said, manifest), [])
  assert.deepEqual(factsDiffer({ ...said, counter: 0 }, manifest), [], 'no counter says nothing')
  assert.deepEqual(factsDiffer({ ...said, product: 'kiosk', counter: 7 }, manifest), [
    { code: 'image.facts-differ', details: { what: 'product', expected: 'demo', found: 'kiosk' } },
    { code: 'image.facts-differ', details: { what: 'release counter', expected: 2, found: 7 } },
  ])
  const other = { ...said, version: '1.9.0', hardware: [] }
  assert.deepEqual(factsDiffer(other, manifest), [
    { code: 'image.facts-differ', details: { what: 'version', expected: '2.0.0', found: '1.9.0' } },
    { code: 'image.facts-differ', details: { what: 'hardware', expected: 'HP t640, HP t740', found: 'any' } },
  ])
})
