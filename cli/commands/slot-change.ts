// slot default|once|good|bad|reset: one planner, one way; the action is the command's second word.

import type { SlotAction } from '#model/actions.ts'
import { operatorName, systemClock } from '#node/job/station.ts'
import { openStationJob } from '#node/job/station-job.ts'
import { flag, parseSlot, parseWords, text } from '../args.ts'
import type { Command } from '../commands.ts'
import { runJob } from '../job.ts'
import { jobHooks } from '../release.ts'

/** What was changed. What boots next is another fact, which the disk tells. */
export const CHANGED: Readonly<Record<SlotAction, (slot: string) => string>> = {
  default: (slot) => `Slot ${slot} is selected.`,
  once: (slot) => `Slot ${slot} is selected for one boot; it stays only when it is confirmed then.`,
  good: (slot) => `Slot ${slot} is confirmed good.`,
  bad: (slot) => `Slot ${slot} is marked bad and does not boot by itself.`,
  reset: (slot) => `The tries and the failure mark of slot ${slot} are cleared.`,
}

export const run: Command = async (context) => {
  const [, second, ...argv] = context.argv
  const action = second as SlotAction
  const command = `slot ${action}`
  const words = parseWords(command, argv, { words: ['DISK', 'A|B'], texts: ['force'], flags: ['plan', 'yes'] })
  const slot = parseSlot(command, words.positionals[1])
  const wish = {
    kind: 'slot' as const,
    target: words.positionals[0],
    action,
    slot,
    force: text(words, 'force'),
    at: systemClock.now().toISOString(),
    by: operatorName(),
  }
  await using open = await openStationJob(wish, jobHooks(context))
  return await runJob(open.job, { planOnly: flag(words, 'plan'), yes: flag(words, 'yes') }, context, () => [
    CHANGED[action](slot),
  ])
}
