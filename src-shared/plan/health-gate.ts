// What a health gate finds itself in, and what follows from its probes. Pure: the same situation gives the same answer, so
// that a gate that was interrupted anywhere comes to the same end at its next start (docs/adr/0017). Tries are the boot
// loader's counter; what user space counted only stands in where that counter was lost.
import { type BootState, isProven, mayRun, STARTS, startsCounted, TRIES } from '#model/boot-state.ts'
import { type Fallback, type GateMemory, type Health, healthOf, type ProbeResults } from '#model/health.ts'
import { otherSlot, type Slot, type SlotRecords, trialNoteOf } from '#model/slot.ts'
import type { UpdateRecord } from '#model/update.ts'

export interface GateSituation {
  readonly bootId: string
  readonly running: Slot
  /** Boots used, 1 to 3, when the running slot is a counted trial that nobody confirmed; else null. */
  readonly trialBoot: number | null
  readonly state: BootState
  readonly records: SlotRecords
  readonly update: UpdateRecord | null
  /** Updates recorded as rolled back, with the reason. */
  readonly rolledBack: readonly { readonly update_id: string; readonly reason: string }[]
  /** What the last gate left. */
  readonly memory: GateMemory | null
}

/** Phases in which the update's slot may have been started. */
const SWITCHED: readonly string[] = ['switching', 'rebooting', 'verifying']
const MAY_RUN: readonly string[] = ['ready', ...SWITCHED]

/**
 * The update of the trial that the boot files speak of, by the note that was left when it was armed: what is left of it
 * when the data partition has lost its record. Null when no trial is open, or when its fall-back is on record.
 */
export function updateOfTrial(situation: Omit<GateSituation, 'update' | 'memory' | 'bootId'>): UpdateRecord | null {
  const { running, state, records, rolledBack, trialBoot } = situation
  const slot = records.trial?.slot
  const note = slot ? trialNoteOf(records, slot) : null
  const record = note && records[note.slot]
  if (!note?.updateId || record?.state !== 'written') return null
  const started = state.wanted === slot && state.trying === slot && state.left < TRIES
  const isOpen = running === slot ? trialBoot !== null : state.failed === slot || started
  if (!isOpen || rolledBack.some(({ update_id }) => update_id === note.updateId)) return null
  const { version, sha256, writtenAt } = record.content
  const { updateId, origin, rolloutId, orderId } = note
  return {
    ...{
      update_id: updateId,
      rollout_id: rolloutId,
      version: version ?? 'without version',
      target_partition: note.slot,
    },
    ...{
      started_at: writtenAt,
      phase: 'verifying',
      release_digest: null,
      approved_at: null,
      baseline: null,
      attempts: 0,
    },
    offer: {
      ...{ origin, updateId, rolloutId, orderId, version: version ?? '', url: '', sha256, sizeBytes: null },
      ...{ window: null, requireApproval: false },
    },
  }
}

export type Standing =
  /** The running slot has to prove itself. `boot` of 3; `counted`: by the boot loader, which then ends the trial itself. */
  | {
      readonly kind: 'trial'
      readonly boot: number
      readonly counted: boolean
      /** Boots of this trial that reached the gate, with this one. */
      readonly gated: number
      readonly update: UpdateRecord | null
    }
  /** The running slot is good. `succeeded`: the update that it proved, whose end was not recorded any more. */
  | { readonly kind: 'confirmed'; readonly succeeded: UpdateRecord | null }
  /** Wanted, but neither counted nor confirmed: the boot loader's environment was lost. */
  | { readonly kind: 'unconfirmed' }
  /** The other slot's trial is over. `settle`: the boot files do not say so yet. */
  | {
      readonly kind: 'fell-back'
      readonly from: Slot
      readonly settle: boolean
      readonly boots: number
      readonly gated: number
      readonly reason: Fallback['reason']
      readonly memory: GateMemory | null
      readonly update: UpdateRecord | null
    }
  /** The update's slot was selected, but this boot took the other one, and nothing shows that it was ever tried. */
  | { readonly kind: 'never-started'; readonly settle: boolean; readonly update: UpdateRecord }
  /** Nobody has confirmed the running slot: it stands in, counted, for the wanted one, which does not load. */
  | { readonly kind: 'stand-in'; readonly from: Slot }
  /** The other slot was confirmed in an earlier boot; the update's end was not recorded any more. */
  | { readonly kind: 'confirmed-elsewhere'; readonly succeeded: UpdateRecord }
  /** Somebody looks at this slot (recovery entry); the boot files want the other one. `undone`: a finished fall-back's update. */
  | { readonly kind: 'visitor'; readonly undone: UpdateRecord | null }

/** What the running system is, told from the boot files, the update under way and the earlier gates. */
export function standingOf(situation: GateSituation): Standing {
  const { running, state, trialBoot } = situation
  const update = underWay(situation)
  const isMine = update?.target_partition === running && MAY_RUN.includes(update.phase) && isWhatRuns(situation)
  const mine = isMine ? update : null
  if (trialBoot !== null) return trial(situation, trialBoot, mine)
  const away = aboutOtherSlot(situation)
  if (away) return away
  if (state.good === running) return { kind: 'confirmed', succeeded: mine }
  if ((state.wanted ?? state.good ?? running) !== running) {
    const undone = mine && situation.rolledBack.some(({ update_id }) => update_id === mine.update_id)
    return { kind: 'visitor', undone: undone ? mine : null }
  }
  return mine && SWITCHED.includes(mine.phase) ? trial(situation, null, mine) : { kind: 'unconfirmed' }
}

/** Not another version that somebody put into the slot meanwhile; a slot written from a triple names none. */
function isWhatRuns({ running, records, update }: GateSituation): boolean {
  const record = records[running]
  return record.state !== 'written' || record.content.version === null || record.content.version === update?.version
}

/** An update that the cycle has already given up is not the gate's any more. */
const underWay = ({ update }: GateSituation): UpdateRecord | null => (update?.failed ? null : update)

function trial(situation: GateSituation, counter: number | null, update: UpdateRecord | null): Standing {
  const { bootId, memory } = situation
  const earlier = counter === 1 ? null : memoryOf(situation, situation.running, update)
  // The gate may run twice in one boot; that is one boot.
  const gated = (earlier?.gated ?? 0) + (earlier && memory?.bootId === bootId ? 0 : 1)
  return { kind: 'trial', boot: counter ?? Math.min(gated, TRIES), counted: counter !== null, gated, update }
}

/** What the gates of a trial of `slot` left; null when the memory is about something else. */
function memoryOf({ memory }: GateSituation, slot: Slot, update: UpdateRecord | null): GateMemory | null {
  if (!memory || memory.slot !== slot || memory.gated === 0) return null
  return (memory.updateId ?? null) === (update?.update_id ?? null) ? memory : null
}

/** What is to be said about a trial of the slot that does not run; null when there is nothing. */
function aboutOtherSlot(situation: GateSituation): Standing | null {
  const { running, state, bootId } = situation
  const update = underWay(situation)
  const from = otherSlot(running)
  const mine = update?.target_partition === from ? update : null
  const left = state.trying === from ? state.left : TRIES
  const givenUp = state.failed === from || (left === 0 && state.wanted === from)
  if (state.run === running && state.wanted === from && !givenUp) return inItsPlace(situation, from)
  const settle = state.wanted !== running || state.failed === from || state.trying === from
  const memory = memoryOf(situation, from, mine)
  const note = trialNoteOf(situation.records, from)
  const fellBack = (reason: Fallback['reason']): Standing => {
    const gated = Math.min(TRIES, (memory?.gated ?? 0) + (note?.gated ?? 0))
    const boots = Math.max(1, Math.min(TRIES, Math.max(gated, givenUp ? TRIES : TRIES - left)))
    return { kind: 'fell-back', from, settle, boots, gated, reason, memory, update: mine }
  }
  if (mine && SWITCHED.includes(mine.phase) && state.good === from)
    return { kind: 'confirmed-elsewhere', succeeded: mine }
  if (givenUp) return fellBack(reasonOf(situation, from, mine))
  if (!mine || !SWITCHED.includes(mine.phase)) return null
  // With an update under way, somebody who starts the old slot in the middle of the trial has ended it.
  if (left < TRIES) return fellBack('operator')
  // The boot files were put right already, and the power went before it was told: what was recorded then is told now.
  const told = recordedFallback(situation, from, mine)
  if (situation.rolledBack.some(({ update_id }) => update_id === mine.update_id))
    return { ...fellBack(reasonOf(situation, from, mine)), ...told?.facts }
  if (told?.isSure) return { ...fellBack(told.facts.reason), ...told.facts }
  if (mine.phase === 'switching') return null
  if (mine.phase === 'verifying' || state.marks[from] === 'bad' || memory)
    return { ...fellBack('operator'), ...told?.facts }
  // The gate of this very boot was here before the slot was switched: the restart has not come yet.
  if (state.wanted === from && situation.memory?.bootId === bootId) return null
  return { kind: 'never-started', settle, update: mine }
}

/** The boot loader started the running slot in the place of a good one: that one did not come up, or does not even load. */
function inItsPlace({ running, state }: GateSituation, from: Slot): Standing {
  if (!isProven(state, running)) return { kind: 'stand-in', from }
  const facts = { boots: STARTS, gated: 0, reason: 'boot-failed', memory: null, update: null } as const
  return { kind: 'fell-back', from, settle: true, ...facts }
}

/** The confirmed slot came up, whatever its health: a start that reached its verdict is not counted against it. */
export const clearsStarts = (standing: Standing, { state }: GateSituation): boolean =>
  standing.kind === 'confirmed' && startsCounted(state)

/** What the ESP says about this very fall-back: by the update's id, or, from before there were ids, by its version. */
function recordedFallback({ records: { fallback } }: GateSituation, from: Slot, update: UpdateRecord) {
  if (fallback?.slot !== from) return null
  const { boots, gated, reason, updateId } = fallback
  if (updateId ? updateId !== update.update_id : fallback.version !== update.version) return null
  return { isSure: Boolean(updateId), facts: { boots, gated, reason } }
}

function reasonOf(situation: GateSituation, from: Slot, update: UpdateRecord | null): Fallback['reason'] {
  const record = situation.records[from].state
  if (record === 'empty' || record === 'incomplete') return 'unloadable'
  const memory = memoryOf(situation, from, update)
  const judged = memory?.results && healthOf(memory.results) === 'unhealthy'
  if (judged && memory.gated >= TRIES) return 'unhealthy'
  return trialNoteOf(situation.records, from)?.error ? 'gate-failed' : 'boot-failed'
}

/** What the gate does with its results. `exit`: 0 healthy or nothing to decide, 1 unhealthy, 2 going back. */
export type Verdict =
  | { readonly action: 'confirm'; readonly exit: 0 }
  | { readonly action: 'none'; readonly exit: 0 | 1 }
  /** Restart; the tries end it. */
  | { readonly action: 'retry'; readonly exit: 1 }
  | { readonly action: 'go-back'; readonly exit: 2 }
  /** Tries are used up and there is nothing to go back to: stay, with tries anew, for a person to look. */
  | { readonly action: 'stuck'; readonly exit: 1 }

/** A confirmed slot is never left and never restarted, however unhealthy: that could only become a loop. */
export function judge(standing: Standing, health: Health, situation: GateSituation): Verdict {
  const well = health !== 'unhealthy'
  const { running, state } = situation
  switch (standing.kind) {
    case 'trial':
      if (well) return { action: 'confirm', exit: 0 }
      if (standing.boot < TRIES) return { action: 'retry', exit: 1 }
      return mayRun(otherSlot(running), situation.records, state)
        ? { action: 'go-back', exit: 2 }
        : { action: 'stuck', exit: 1 }
    case 'unconfirmed':
    case 'stand-in':
      return well ? { action: 'confirm', exit: 0 } : { action: 'none', exit: 1 }
    case 'fell-back':
    case 'never-started':
      // A slot that is not the good one would become a counted trial by the next start.
      return well && state.good !== running ? { action: 'confirm', exit: 0 } : { action: 'none', exit: 0 }
    case 'confirmed':
    case 'confirmed-elsewhere':
    case 'visitor':
      return { action: 'none', exit: well ? 0 : 1 }
  }
}

/** Marks what failed before the update as well; such a failure does not count against the new slot. */
export function withBaseline(results: ProbeResults, baseline: UpdateRecord['baseline']): ProbeResults {
  if (!baseline) return results
  return Object.fromEntries(
    Object.entries(results).map(([name, result]) => [
      name,
      !result.passed && baseline[name] === false ? { ...result, failed_before: true } : result,
    ]),
  )
}

/** The reason of a fall-back as it is kept on the ESP: at most 8 failed probes of 120 characters. */
export function fallbackOf(
  slot: Slot,
  facts: Pick<Fallback, 'boots' | 'gated' | 'reason' | 'at'>,
  memory: GateMemory | null,
  situation: GateSituation,
): Fallback {
  const record = situation.records[slot]
  const recorded = record.state === 'written' ? record.content.version : null
  const { update } = situation
  const version = recorded ?? (update?.target_partition === slot ? update.version : null)
  const { at, boots, gated, reason } = facts
  return {
    slot,
    version,
    at,
    boots,
    gated,
    reason,
    bootId: memory?.bootId ?? null,
    updateId: update?.target_partition === slot ? update.update_id : null,
    sha256: record.state === 'written' ? record.content.sha256 : null,
    probes: reason === 'gate-failed' ? gateProbe(situation, slot) : failedProbes(memory?.results),
  }
}

function gateProbe({ records }: GateSituation, slot: Slot): Fallback['probes'] {
  const error = trialNoteOf(records, slot)?.error
  return error ? [{ name: 'gate', error }] : []
}

function failedProbes(results: ProbeResults | null | undefined): Fallback['probes'] {
  return Object.entries(results ?? {})
    .filter(([, { passed, critical, failed_before }]) => !passed && critical && !failed_before)
    .slice(0, 8)
    .map(([name, { error }]) => ({ name, error: (error ?? 'failed').slice(0, 120) }))
}

/** "network: answered 503; disk: 97 % used"; empty when nothing critical failed. */
export const failuresText = (results: ProbeResults | null): string =>
  failedProbes(results)
    .map(({ name, error }) => `${name}: ${error}`)
    .join('; ')

/** One sentence for people and for the server's `error_message`. */
export function describeFallback({ slot, version, boots, gated, reason, probes }: Fallback): string {
  const what = version === null ? `Slot ${slot}` : `Version ${version} in slot ${slot}`
  const said = probes.map(({ name, error }) => `${name}: ${error}`).join('; ')
  const times = boots === 1 ? '1 boot' : `${boots} boots`
  // Whether it did cannot be told where its gate could write nothing.
  const reached = gated === 0 ? 'gave no word of its health gate' : `reached its health gate ${gated} of ${boots} times`
  const sentence = {
    unhealthy: `${what} failed its health check in ${times}`,
    'boot-failed': `${what} ${reached} in ${times}`,
    'gate-failed': `${what} was left because its health gate could not do its work in ${times}`,
    unloadable: `${what} could not be loaded`,
    operator: `${what} was left by hand before it was confirmed, after ${times}`,
  }[reason]
  return `${sentence}${said ? ` (${said})` : ''}; slot ${otherSlot(slot)} runs again.`
}
