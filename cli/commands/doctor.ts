// doctor: what is wrong with a detached disk and which repair would help; with --repair, that one repair. What a repair
// overwrites is kept in the journal.
import { join } from 'node:path'
import { explain } from '#base/errors.ts'
import { commandLine } from '#base/shell-word.ts'
import type { RepairKind } from '#contract/views.ts'
import { findDamage } from '#engine/checkup.ts'
import { observeDisk } from '#engine/observe.ts'
import { journalFolder } from '#node/job/journal-file.ts'
import { checkOffered, openDisk, operatorName, systemClock } from '#node/job/station.ts'
import { openStationJob } from '#node/job/station-job.ts'
import { flag, parseWords, text, usage, type Words } from '../args.ts'
import type { Command, CommandContext } from '../commands.ts'
import { runJob } from '../job.ts'
import { orRefuse } from '../output.ts'
import { jobHooks } from '../release.ts'

const KINDS: readonly RepairKind[] = [
  'environment',
  'ab-state',
  'boot-loader',
  'slot-record',
  'partition-table',
  'both-bad',
]

export const run: Command = async (context) => {
  const words = parseWords('doctor', context.argv.slice(1), {
    words: ['DISK'],
    texts: ['repair', 'release', 'trust'],
    flags: ['plan', 'yes'],
  })
  const word = text(words, 'repair')
  return word === null ? await examine(words, context) : await repair(words, kindOf(word), context)
}

function kindOf(word: string): RepairKind {
  const kind = KINDS.find((known) => known === word)
  if (!kind) throw usage('doctor', `--repair is one of ${KINDS.join(', ')}, not "${word}".`)
  return kind
}

async function examine(words: Words, { output }: CommandContext): Promise<number> {
  const [target] = words.positionals
  await using open = await openDisk(target, true)
  const damage = await findDamage(open.device, await observeDisk(open.device, open.disk))
  const rows = damage.map(({ finding, repair: help, needsRelease, against }) => ({
    code: finding.code,
    ...explain(finding),
    repair: help,
    ...(help === null ? {} : { command: repairCommand(target, help, needsRelease) }),
    ...(against.length === 0 ? {} : { against: against.map((each) => ({ code: each.code, ...explain(each) })) }),
  }))
  const people = rows.flatMap(({ code, message, remedy, command, against = [] }) => [
    `! ${message} (${code})`,
    ...(command === undefined && against.length === 0 ? [`  ${remedy}`] : []),
    ...(command === undefined ? [] : [`  "${command}" repairs it.`]),
    ...against.map((each) => `  It cannot be repaired now: ${each.message} ${each.remedy}`),
  ])
  output.result({ healthy: rows.length === 0, damage: rows }, rows.length === 0 ? ['Nothing is damaged.'] : people)
  return 0
}

/** To copy; what a release is called nobody knows here. */
function repairCommand(target: string, help: RepairKind, needsRelease: boolean): string {
  const command = `twinslot ${commandLine('doctor', target, '--repair', help)}`
  return needsRelease ? `${command} --release R --trust KEYS` : command
}

async function repair(words: Words, kind: RepairKind, context: CommandContext): Promise<number> {
  const [target] = words.positionals
  const [release, trust] = [text(words, 'release'), text(words, 'trust')]
  if ((release === null) !== (trust === null)) throw usage('doctor', '--release and --trust belong together.')
  orRefuse(await checkOffered(target))
  const wish = {
    kind: 'repair' as const,
    repair: kind,
    target,
    release,
    trust,
    journal: journalFolder(),
    at: systemClock.now().toISOString(),
    by: operatorName(),
  }
  await using open = await openStationJob(wish, jobHooks(context))
  return await runJob(open.job, { planOnly: flag(words, 'plan'), yes: flag(words, 'yes') }, context, (report) => [
    `${report.steps.map(({ title }) => title).join('. ')}: done and read back.`,
    `What was there before is kept in ${join(journalFolder(), `${report.job}.jsonl`)}`,
  ])
}
