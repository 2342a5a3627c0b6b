// slot list: both slots, what boots next, what the boot loader counts.
import { explain } from '#base/errors.ts'
import { lookAt } from '#node/job/station.ts'
import { notAbDisk } from '#plan/flash.ts'
import { parseWords } from '../args.ts'
import type { Command } from '../commands.ts'
import { Refused } from '../output.ts'
import { bootFacts, describeSlots, slotFacts } from './inspect.ts'

export const run: Command = async ({ argv, output }) => {
  const words = parseWords('slot list', argv.slice(2), { words: ['DISK'] })
  const seen = await lookAt(words.positionals[0])
  if (!seen.boot) throw new Refused([notAbDisk(seen)])
  const findings = seen.boot.findings.map((each) => ({ ...each, ...explain(each) }))
  output.result({ slots: slotFacts(seen.boot), boot: bootFacts(seen.boot), findings }, [
    ...describeSlots(seen.boot),
    ...findings.map((each) => `! ${each.message} ${each.remedy} (${each.code})`),
  ])
  return 0
}
