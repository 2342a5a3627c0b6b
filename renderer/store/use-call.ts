// Calling the host from a component: one call at a time, with its problem kept for a ProblemBox.
import { createContext, useCallback, useContext, useRef, useState } from 'react'
import type { ConsoleAnswers, ConsoleCall, ConsoleParams } from '#contract/console.ts'
import type { Problem } from '#contract/views.ts'
import { type ConsoleLink, problemOfError } from '../transport/link.ts'

export const LinkContext = createContext<ConsoleLink | null>(null)

export function useLink(): ConsoleLink {
  const link = useContext(LinkContext)
  if (link === null) throw new Error('no link above this component')
  return link
}

export interface UseCall<C extends ConsoleCall> {
  /** The answer, or null when it failed (then `problem` is set) or when one is under way. */
  run(params: ConsoleParams<C>): Promise<ConsoleAnswers[C] | null>
  readonly busy: boolean
  readonly problem: Problem | null
  clear(): void
}

export function useCall<C extends ConsoleCall>(call: C): UseCall<C> {
  const link = useLink()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const running = useRef(false)
  const run = useCallback(
    async (params: ConsoleParams<C>) => {
      if (running.current) return null
      running.current = true
      setBusy(true)
      setProblem(null)
      try {
        return await link.call(call, params)
      } catch (error) {
        setProblem(problemOfError(error))
        return null
      } finally {
        running.current = false
        setBusy(false)
      }
    },
    [link, call],
  )
  const clear = useCallback(() => setProblem(null), [])
  return { run, busy, problem, clear }
}
