// Leaving while a disk is being written: asks first, then stops the jobs at their next safe point, then closes the host,
// then leaves. Whoever asks twice is asked once.

export interface QuitNeeds {
  /** True while anything is written. */
  busy(): boolean
  /** Answers true for "stop the job and quit". */
  ask(): Promise<boolean>
  stopJobs(): Promise<void>
  /** Closes host and window; nothing of ours runs afterwards. */
  close(): Promise<void>
  /** Leaves for good, without further events. */
  leave(): void
  log(line: string): void
}

export interface QuitRules {
  /** For `before-quit` of the app and `close` of the window. */
  requested(event: { preventDefault(): void }): void
  /** Resolves when a request that is under way has been dealt with. */
  settled(): Promise<void>
}

export function openQuitRules(needs: QuitNeeds): QuitRules {
  let under: Promise<void> | null = null
  const deal = async (): Promise<void> => {
    if (needs.busy() && !(await needs.ask())) return
    try {
      await needs.stopJobs()
      await needs.close()
    } catch (error) {
      // It must be possible to leave, also when closing fails.
      needs.log(`quit: ${error instanceof Error ? error.message : String(error)}`)
    }
    needs.leave()
  }
  return {
    requested(event) {
      event.preventDefault()
      under ??= deal().finally(() => {
        under = null
      })
    },
    settled: async () => {
      await under
    },
  }
}
