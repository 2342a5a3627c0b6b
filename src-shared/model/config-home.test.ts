// One answer to where /config is: what a layout says, what its disk says, and what its appliance mounts agree.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundConfig, configHome, configHomeByName, stateDir, stateFolder } from './config-home.ts'
import type { Layout, PartitionSpec } from './layout.ts'
import { checkConfigHome } from './layout-rules.ts'
import { BUILT_IN_LAYOUTS } from './layouts.ts'

const { 'hp-t640': appliance, 'hypernet-server': server } = BUILT_IN_LAYOUTS

test('in every built-in layout the partition that provisioning fills is the one that restoring finds by its name', () => {
  for (const layout of Object.values(BUILT_IN_LAYOUTS)) {
    assert.deepEqual(configHomeByName(layout.partitions), configHome(layout.partitions))
    assert.deepEqual(checkConfigHome(layout), [])
  }
})

test('the appliance sees it at /config: mounted there, or bound from the data partition', () => {
  assert.equal(boundConfig(server.partitions), null)
  assert.equal(configHome(server.partitions)?.partition.mount, '/config')
  assert.equal(boundConfig(appliance.partitions), '/var/lib/msp/config')
})

test('the state folder is on the data partition, wherever that is mounted', () => {
  assert.deepEqual([stateDir(appliance.partitions), stateFolder(appliance.partitions)], ['/var/lib/msp', null])
  assert.deepEqual([stateDir(server.partitions), stateFolder(server.partitions)], ['/data/twinslot', 'twinslot'])
  assert.equal(stateDir(server.partitions.filter(({ role }) => role !== 'data')), null)
})

test('a layout whose /config nobody would find again takes no configuration', () => {
  const change = (layout: Layout, role: string, to: Partial<PartitionSpec>): Layout => ({
    ...layout,
    partitions: layout.partitions.map((part) => (part.role === role ? { ...part, ...to } : part)),
  })
  const without = (...roles: string[]): Layout => ({
    ...server,
    partitions: server.partitions.filter(({ role }) => !roles.includes(role)),
  })
  const rows: [Layout, ...unknown[]][] = [
    [without('config', 'data'), ['plan.config-missing-partition', undefined]],
    [change(server, 'config', { name: 'SETTINGS' }), ['layout.config-home', 'name']],
    [change(appliance, 'data', { name: 'STORE' }), ['layout.config-home', 'name']],
    [change(server, 'config', { mount: '/etc/site' }), ['layout.config-home', 'mount point']],
    [change(appliance, 'data', { mount: undefined }), ['layout.config-home', 'mount point']],
    [change(appliance, 'data', { filesystem: 'xfs' }), ['layout.config-home', 'file system']],
    // The name of a partition of another role would be taken for /config.
    [change(without('config'), 'logs', { name: 'CONFIG' }), ['layout.config-home', 'name']],
    [change(without('config'), 'logs', { mount: '/config' }), ['layout.config-home', 'mount point']],
  ]
  for (const [layout, ...expected] of rows)
    assert.deepEqual(
      checkConfigHome(layout).map(({ code, details }) => [code, details.what]),
      expected,
    )
})
