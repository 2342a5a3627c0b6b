// The story of bench-story.ts: from the bench to the appliance and back, on the disk of a Hypernet server, scaled down.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Layout } from '#model/layout.ts'
import { BUILT_IN_LAYOUTS } from '#model/layouts.ts'
import { onLayout } from './bench-story.ts'

const MIB = 1024 * 1024
const CHECKS = join(import.meta.dirname, '../../device/image/etc')

/** The second specification's disk, with the same roles, names, mounts and file systems, and less room. */
const SMALL: Readonly<Record<string, number>> = { esp: 100, 'slot-a': 320, 'slot-b': 320, data: 256, media: 320 }
const scaledDown = ({ partitions, ...rest }: Layout): Layout => ({
  ...rest,
  name: 'hypernet-small',
  partitions: partitions.map((part) => ({ ...part, size: (SMALL[part.role] ?? 64) * MIB })),
})

test('hypernet-server: the same on a disk with its own /config, and the four health checks of the specification run as they stand', async (t) => {
  const files = {
    'bin/check-mounts.sh': await readFile(join(CHECKS, 'check-mounts.sh'), 'utf8'),
    // Stand-ins for the database's client and for curl, and something to ask.
    'bin/pg_isready': '#!/bin/sh\n[ "$*" = "-U hypernet" ]\n',
    'bin/curl': '#!/bin/sh\n[ "$1" = -f ] && exec wget -q -O /dev/null "$2"\n',
    'www/health': 'ok\n',
  }
  const list = await readFile(join(CHECKS, 'probes-hypernet.yaml'), 'utf8')
  const verbatim = [...list.matchAll(/^ +command: "(.*)"$/gm)].map(([, command]) => command)
  assert.deepEqual(verbatim, [
    'pg_isready -U hypernet',
    'check-mounts.sh',
    'hypernet-admin validate-config',
    'curl -f http://localhost:8000/health',
  ])
  await onLayout(t, scaledDown(BUILT_IN_LAYOUTS['hypernet-server']), { files, verbatim, bad: 'bad-probe' })
})
