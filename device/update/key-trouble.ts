// What is kept, for status and for the next start, while the fleet server refuses the appliance's key (device/agent/rekey.ts).
import { join } from 'node:path'
import { CATALOGUE, explain, type Finding } from '#base/errors.ts'
import { readJsonFile, removeFileDurably } from '#node/os/state-file.ts'

/** `<state>/update/key.json`: there while the server refuses the key. Never with a key. */
export interface KeyTrouble {
  /** ISO 8601 UTC, as `asked_at`. */
  readonly refused_since: string
  /** When a new key was asked for. */
  readonly asked_at: string
  /** Why there is none; null: the answer was not heard, or its key not saved. */
  readonly problem: Finding | null
}

export const keyTroublePath = (state: string): string => join(state, 'update', 'key.json')

const isTime = (value: unknown): value is string => typeof value === 'string' && !Number.isNaN(Date.parse(value))

const isFinding = (value: unknown): value is Finding =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  Object.hasOwn(CATALOGUE, String(value.code)) &&
  'details' in value &&
  typeof value.details === 'object' &&
  value.details !== null

function parseTrouble(value: unknown): KeyTrouble | null {
  if (typeof value !== 'object' || value === null) return null
  const { refused_since, asked_at, problem } = value as Partial<Record<keyof KeyTrouble, unknown>>
  return isTime(refused_since) && isTime(asked_at)
    ? { refused_since, asked_at, problem: isFinding(problem) ? problem : null }
    : null
}

/** Null while the key is all right, as far as is known. */
export async function loadKeyTrouble(state: string): Promise<KeyTrouble | null> {
  const file = await readJsonFile(keyTroublePath(state), parseTrouble)
  return file.state === 'present' ? file.value : null
}

/** A check-in went well: the key is. */
export const endKeyTrouble = (state: string): Promise<void> => removeFileDurably(keyTroublePath(state))

/** For status: what is wrong with the key, and what was done about it. */
export function keyTroubleLines({ refused_since, asked_at, problem }: KeyTrouble): string[] {
  const why = problem ? explain(problem) : null
  return [
    `Key: refused by the fleet server since ${refused_since}; a new one was asked for at ${asked_at}`,
    ...(why ? [`  ${why.message}`, `  ${why.remedy}`] : []),
  ]
}
