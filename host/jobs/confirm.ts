// The gate before anything is written: asks for the serial of the one unit or the number of units, not before two seconds
// have passed. It is the host that judges; what a window draws cannot weaken it.
import { EngineError } from '#base/errors.ts'
import type { Challenge, Token } from '#contract/views.ts'
import type { Host } from '../ports.ts'
import { openTokens } from '../tokens.ts'
import type { Session, Sessions } from './sessions.ts'

export const ARM_MS = 2000
const SERIAL_END = 6

interface Asked {
  readonly plans: readonly string[]
  readonly expected: string
  readonly at: number
}

export interface Confirm {
  begin(plans: readonly string[]): Challenge
  /**
   * Answers the confirmed plans, once.
   * @throws EngineError `host.not-confirmed`, `host.confirmed-early`, `host.plan-gone`, `host.unknown-token`
   */
  check(challenge: Token, typed: string): readonly string[]
}

/** Ignores case and spaces, accepts paste (console-ux 5.5). */
const plain = (text: string): string => text.replace(/\s+/g, '').toLowerCase()

/** The end of the serial; of a disk image, its name. */
export function expectedFor({ unit: { disk, view } }: Session): string {
  const serial = disk.identity.serial?.replace(/\s+/g, '')
  if (serial) return serial.slice(-SERIAL_END)
  const name = disk.path.split('/').at(-1) ?? disk.path
  return view.kind === 'virtual' ? name.replace(/\.img$/, '') : name
}

export function openConfirm(host: Host, sessions: Pick<Sessions, 'get'>): Confirm {
  const asked = openTokens<Asked>('question')
  const now = () => host.clock.now().getTime()
  let count = 0
  return {
    begin(plans) {
      const unique = [...new Set(plans)]
      const found = unique.map((id) => sessions.get(id))
      const one = found.length === 1
      const expected = one ? expectedFor(found[0]) : String(found.length)
      count += 1
      const challenge = asked.keep(String(count), { plans: unique, expected, at: now() })
      const armAfterMs = host.settings().assistive ? 0 : ARM_MS
      return { challenge, kind: one ? 'serial' : 'count', expected, armAfterMs, plans: found.map(({ view }) => view) }
    },
    check(challenge, typed) {
      const { plans, expected, at } = asked.get(challenge)
      const waited = now() - at
      if (waited < ARM_MS && !host.settings().assistive)
        throw new EngineError('host.confirmed-early', { found: Math.max(0, waited), expected: ARM_MS })
      if (plain(typed) !== plain(expected))
        throw new EngineError('host.not-confirmed', { expected, found: typed.slice(0, 40) })
      for (const plan of plans) sessions.get(plan)
      asked.drop(challenge)
      return plans
    },
  }
}
