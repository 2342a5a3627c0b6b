// What a running job says, as it crosses from the runner: the engine's JobEvent, checked. contract.test.ts holds the two
// types against each other.
import { z } from 'zod'

const evidence = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
const count = z.int().min(0)

export const jobEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('step-started'), step: count, total: count, title: z.string() }),
  z.strictObject({
    type: z.literal('progress'),
    step: count,
    phase: z.enum(['write', 'flush', 'read-back', 'authenticate']),
    doneBytes: count,
    totalBytes: count,
    limit: z.enum(['image', 'computer', 'disk']).optional(),
  }),
  z.strictObject({ type: z.literal('step-done'), step: count, evidence }),
  z.strictObject({ type: z.literal('warning'), code: z.string(), message: z.string() }),
])

export type WireJobEvent = z.infer<typeof jobEvent>
