// node:test reporter for build/test.ts: one JSON line per finished test, nothing for people.
// Suites are not counted, and neither is a parent that failed only because of its subtests.
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

/** One finished test as the runner reads it. */
export interface TestLine {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Why it was skipped, or the error in full. */
  readonly reason: string
  readonly at: string
}

interface Finished {
  readonly name: string
  readonly nesting: number
  readonly file?: string
  readonly line?: number
  readonly skip?: string | boolean
  readonly todo?: string | boolean
}

const text = (reason: string | boolean | undefined): string => (typeof reason === 'string' ? reason : '')

export default async function* reportAsJsonLines(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const parents: string[] = []
  for await (const event of source) {
    if (event.type === 'test:start') {
      parents.length = event.data.nesting
      parents.push(event.data.name)
    }
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const data: Finished = event.data
    const { type } = event.data.details
    if (type === 'suite' && event.type === 'test:pass') continue
    const line = (outcome: TestLine['outcome'], reason: string): string => {
      const name = [...parents.slice(0, data.nesting), data.name].join(' > ')
      const at = data.file === undefined ? '' : `${relative(process.cwd(), data.file)}:${data.line ?? 0}`
      return `${JSON.stringify({ name, outcome, reason, at } satisfies TestLine)}\n`
    }
    if (event.type === 'test:fail' && data.todo === undefined) {
      const { error } = event.data.details
      if ('failureType' in error && error.failureType === 'subtestsFailed') continue
      yield line('failed', inspect(error.cause ?? error, { depth: 6, breakLength: 110 }))
    } else if (data.skip !== undefined || data.todo !== undefined) {
      yield line('skipped', text(data.skip) || text(data.todo) || 'no reason given')
    } else {
      yield line('passed', '')
    }
  }
}
