// `update/gate.json`: what each boot's gate left for the next one. Both slots see it, because it is on the data partition;
// damage reads as "nothing is known", which costs a reason and never a decision.
import { join } from 'node:path'
import type { Finding } from '#base/errors.ts'
import type { ProbeResult } from '#model/health.ts'
import { readJsonFile, writeJsonFile } from '#node/os/state-file.ts'
import type { DevicePaths, GateMemory, GateMemoryStore } from '../ports.ts'

/** @param report told about a damaged file, which was set aside */
export function gateMemoryStore(paths: Pick<DevicePaths, 'state'>, report: (found: Finding) => void): GateMemoryStore {
  const file = join(paths.state, 'update', 'gate.json')
  return {
    async load() {
      const found = await readJsonFile(file, memoryOf)
      if (found.state === 'damaged') report(found.finding)
      return found.state === 'present' ? found.value : null
    },
    save: (memory) => writeJsonFile(file, memory),
  }
}

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

function memoryOf(value: unknown): GateMemory | null {
  if (!isFields(value)) return null
  const { slot, bootId, at, gated } = value
  if (slot !== 'A' && slot !== 'B') return null
  if (typeof bootId !== 'string' || typeof at !== 'string' || typeof gated !== 'number') return null
  const results = isFields(value.results)
    ? Object.fromEntries(
        Object.entries(value.results).filter((entry): entry is [string, ProbeResult] => isResult(entry[1])),
      )
    : null
  return { slot, version: textOf(value.version), updateId: textOf(value.updateId), bootId, at, gated, results }
}

const isResult = (value: unknown): value is ProbeResult =>
  isFields(value) &&
  typeof value.passed === 'boolean' &&
  typeof value.critical === 'boolean' &&
  typeof value.duration_ms === 'number' &&
  (value.error === undefined || typeof value.error === 'string')
