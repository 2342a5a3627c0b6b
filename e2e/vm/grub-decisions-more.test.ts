// GRUB itself against the function that tells what boots, second half of the scenarios: GRUB looks through the partition
// table for every file it opens, so two disks take half the time of one.
import { test } from 'node:test'
import { compareWithGrub } from './compare-with-grub.ts'
import { SCENARIOS } from './scenarios.ts'

test('GRUB decides as what is told of it and leaves the same bytes behind, second half of the scenarios', async (t) => {
  await compareWithGrub(t, SCENARIOS.slice(Math.ceil(SCENARIOS.length / 2)))
})
