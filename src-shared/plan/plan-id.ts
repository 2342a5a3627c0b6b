// The identity of a plan, and of a job that may be continued.
import { sha256 } from '@noble/hashes/sha2.js'
import { toHex, utf8 } from '#base/bytes.ts'
import { canonicalJson } from '#format/canonical-json.ts'
import type { Plan, ReleaseFacts, Request } from '#model/plan.ts'

const digest = (value: unknown): string => toHex(sha256(utf8(canonicalJson(value))))

/** Adds the id: SHA-256 over the plan's canonical JSON without the id. */
export const sealPlan = (plan: Omit<Plan, 'id'>): Plan => ({ id: digest(plan), ...plan })

/** True when the plan still is what its id says. */
export function isSealed({ id, ...rest }: Plan): boolean {
  return digest(rest) === id
}

/**
 * Names "the same work on the same disk" across runs: what the technician asked for, without the time, the seed, and
 * what was on the disk, and for a whole disk without the reason that allowed it. A journal under this key lets an interrupted job continue.
 */
export function jobKey(request: Request, disk: Plan['disk'], release: ReleaseFacts | null): string {
  const { at: _at, by: _by, ...asked } = request
  const wanted = asked.kind === 'provision' ? { ...asked, seed: null, allowOlder: null } : asked
  const { serial, wwn, size, busPath } = disk
  return digest({ wanted, disk: { serial, wwn, size, busPath }, release: release?.digest ?? null })
}
