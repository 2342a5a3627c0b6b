// Writes docs/errors.md from the error catalogue (`npm run docs`); a test compares the file with the catalogue.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ErrorSpec, EXIT } from '#base/errors/define.ts'
import { CATALOGUE } from '#base/errors.ts'

const AREAS: Readonly<Record<string, string>> = {
  agent: 'Agent and fleet server',
  bench: 'Benchmarks',
  boot: 'Boot files',
  bundle: 'Bundles',
  cli: 'Command line',
  config: 'Configuration for the appliance',
  disk: 'Disks and block devices',
  download: 'Network and downloads',
  esp: 'EFI system partition',
  ext4: 'ext4 file systems',
  fat: 'FAT32 file systems',
  gpt: 'Partition tables',
  grubenv: 'GRUB environment blocks',
  image: 'Demo and test images',
  job: 'Jobs',
  journal: 'Journals',
  key: 'Keys',
  layout: 'Layouts',
  manifest: 'Manifests',
  own: 'The appliance and its own disk',
  plan: 'Plans',
  recipe: 'Image recipes',
  release: 'Releases',
  signature: 'Signatures',
  slot: 'Slots',
  tool: 'External programs',
  trust: 'Trust',
  update: 'Updates of an appliance',
  write: 'Writing and verifying',
}

const KIND_MEANS: readonly (readonly [keyof typeof EXIT, string])[] = [
  ['failed', 'failed after starting; the result says what was written'],
  ['usage', 'the command line or an input file is wrong; nothing was started'],
  ['unfit', 'refused: unsafe or unfit disk; nothing was written'],
  ['untrusted', 'refused: not authentic; nothing was written'],
  ['permission', 'no permission'],
  ['cancelled', 'cancelled; the result says what was written'],
  ['lost', 'the device disappeared; the result says what was written'],
]

const RETRY_MEANS: Readonly<Record<ErrorSpec['retry'], string>> = {
  never: 'no',
  fix: 'after the remedy',
  again: 'yes, as it is',
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ')
// `{size|bytes}` in the catalogue is a hole named size that is printed as a size.
const sentence = (text: string): string => cell(text.replace(/\{(\w+)(?:\|bytes)?\}/g, '*$1*'))

/** The whole text of docs/errors.md. */
export function errorsDocument(catalogue: Readonly<Record<string, ErrorSpec>>): string {
  const codes = Object.keys(catalogue).sort()
  const areas = [...new Set(codes.map((code) => code.split('.')[0]!))]
  const kinds = KIND_MEANS.map(([kind, means]) => `| ${EXIT[kind]} | ${kind} | ${means} |`)
  const sections = areas.flatMap((area) => [
    '',
    `## ${AREAS[area] ?? area}`,
    '',
    '| code | message | what to do | exit | repeat? |',
    '|---|---|---|---|---|',
    ...codes
      .filter((code) => code.startsWith(`${area}.`))
      .map((code) => {
        const { message, remedy, kind, retry } = catalogue[code]!
        return `| \`${code}\` | ${sentence(message)} | ${sentence(remedy)} | ${EXIT[kind]} | ${RETRY_MEANS[retry]} |`
      }),
  ])
  return [
    '# Errors',
    '',
    'Generated from `src-shared/base/errors/` by `npm run docs`; do not edit.',
    '',
    'Every refusal and every failure has a code that stays the same between versions. Words in *italics* are filled in when',
    'the message is shown. The last column says whether the same command may simply be repeated.',
    '',
    '| exit code | kind | means |',
    '|---|---|---|',
    '| 0 | done | |',
    ...kinds,
    ...sections,
    '',
  ].join('\n')
}

export const ERRORS_DOCUMENT_PATH = resolve(import.meta.dirname, '..', 'docs', 'errors.md')

if (import.meta.main) {
  writeFileSync(ERRORS_DOCUMENT_PATH, errorsDocument(CATALOGUE))
  console.log(join('docs', 'errors.md'))
}
