// Fetches a page of a report when a dialog opens or its choice changes.
import { useEffect, useState } from 'react'
import type { ConsoleAnswers, ConsoleParams } from '#contract/console.ts'
import type { Problem } from '#contract/views.ts'
import { useLink } from '#renderer/store/use-call.ts'
import { problemOfError } from '#renderer/transport/link.ts'

export type Page = ConsoleAnswers['report.get']
type Wanted = ConsoleParams<'report.get'>

/** An answer that comes after another page was asked for, or after closing, is dropped. */
export function usePage({ report, as, label }: Wanted): {
  readonly page: Page | null
  readonly problem: Problem | null
} {
  const link = useLink()
  const [page, setPage] = useState<Page | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  useEffect(() => {
    let wanted = true
    setPage(null)
    setProblem(null)
    link.call('report.get', { report, as, label }).then(
      (answer) => wanted && setPage(answer),
      (error: unknown) => wanted && setProblem(problemOfError(error)),
    )
    return () => {
      wanted = false
    }
  }, [link, report, as, label])
  return { page, problem }
}
