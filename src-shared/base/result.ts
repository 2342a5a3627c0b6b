// Refusals are values: a planner or checker answers Result, it does not throw.
import type { Finding } from './errors.ts'

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusals: readonly Finding[] }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const refuse = (...refusals: Finding[]): Result<never> => ({ ok: false, refusals })
