// A whole partition table on a disk that a test makes.
import type { GptWrite } from '#format/gpt.ts'
import type { EncodedGpt } from '#format/gpt-encode.ts'

/** In the order that never shows a table before everything it needs is there: the primary header comes last. */
export const writesInOrder = (gpt: EncodedGpt): readonly GptWrite[] => [
  gpt.backupEntries,
  gpt.backupHeader,
  gpt.primaryEntries,
  gpt.mbr,
  gpt.primaryHeader,
]
