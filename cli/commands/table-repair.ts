// table repair: rebuilds the damaged side of a GPT from the intact one.
import { inlineCodec } from '../../src-shared/node/block-codec.ts'
import { NO_INPUTS } from '../../src-shared/node/filesystem-maker.ts'
import { operatorName, systemClock } from '../../src-shared/node/station.ts'
import { planRepair } from '../../src-shared/plan/repair-table.ts'
import { flag, parseWords } from '../args.ts'
import { runJob } from '../job.ts'
import type { Command } from '../main.ts'

export const run: Command = async (context) => {
  const words = parseWords('table repair', context.argv.slice(2), { words: ['DISK'], flags: ['plan', 'yes'] })
  const request = { kind: 'repair-table' as const, at: systemClock.now().toISOString(), by: operatorName() }
  return await runJob(
    {
      path: words.positionals[0],
      plan: (seen) => planRepair(request, seen),
      release: null,
      boot: null,
      inputs: NO_INPUTS,
      codec: inlineCodec,
    },
    { planOnly: flag(words, 'plan'), yes: flag(words, 'yes') },
    context,
    () => ['Both sides of the partition table are intact now.'],
  )
}
