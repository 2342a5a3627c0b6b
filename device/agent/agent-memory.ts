// What the agent keeps for its next start, in `<state>/update/agent.json`: when the channel was asked, and which refusals the
// server was told. Damage costs a repeated question or report, nothing else.
import { join } from 'node:path'
import { readJsonFile, writeJsonFile } from '#node/os/state-file.ts'
import type { DevicePaths } from '../ports.ts'

const MOST_REFUSED = 50

export interface AgentMemory {
  readonly channelAskedAt: Date | null
  /** Update and reason, as `toldOf` spells them. */
  readonly refused: readonly string[]
}

const NOTHING: AgentMemory = { channelAskedAt: null, refused: [] }

const fileOf = (state: string): string => join(state, 'update', 'agent.json')

function memoryOf(value: unknown): AgentMemory | null {
  if (typeof value !== 'object' || value === null) return null
  const { channel_asked_at: at, refused } = value as { channel_asked_at?: unknown; refused?: unknown }
  const date = typeof at === 'string' ? new Date(at) : new Date(Number.NaN)
  const texts = Array.isArray(refused) ? refused.filter((entry) => typeof entry === 'string') : []
  return { channelAskedAt: Number.isNaN(date.getTime()) ? null : date, refused: texts }
}

export async function loadAgentMemory({ state }: Pick<DevicePaths, 'state'>): Promise<AgentMemory> {
  const file = await readJsonFile(fileOf(state), memoryOf)
  return file.state === 'present' ? file.value : NOTHING
}

/** @throws EngineError `settings.not-saved` */
export async function changeAgentMemory(
  paths: Pick<DevicePaths, 'state'>,
  changes: Partial<AgentMemory>,
): Promise<void> {
  const { channelAskedAt, refused } = { ...(await loadAgentMemory(paths)), ...changes }
  await writeJsonFile(fileOf(paths.state), {
    channel_asked_at: channelAskedAt?.toISOString() ?? null,
    refused: refused.slice(-MOST_REFUSED),
  })
}
