// GRUB itself against the function that tells what boots.
import { test } from 'node:test'
import { compareWithGrub } from './compare-with-grub.ts'
import { SCENARIOS } from './scenarios.ts'

test('GRUB decides as what is told of it and leaves the same bytes behind', (t) => compareWithGrub(t, SCENARIOS))
