// The runners that are at work: one for all units that need the same rights, so that a batch is one process, one consent and one
// reading of its release. Promises: a unit joins the one that runs, a new one is started when that one is gone or takes no more;
// a runner ends when its last unit was let go.
import type { Host } from '../ports.ts'
import { type Runner, type RunnerCommand, type RunnerUnit, startRunner } from '../runner-client.ts'

/** A unit of a runner that others may use, too; to be disposed of when nothing of it is wanted any more. */
export interface SharedUnit extends RunnerUnit {
  /** Its runner gets no further units. */
  retire(): void
}

export interface Runners {
  /** @throws EngineError `runner.not-started` */
  unit(target: string): Promise<SharedUnit>
}

interface Used {
  readonly runner: Promise<Runner>
  units: number
}

export function openRunners(host: Pick<Host, 'runnerFor'>): Runners {
  const used = new Map<string, Used>()

  function begin(key: string, command: RunnerCommand): Used {
    const mine: Used = { runner: startRunner(command), units: 0 }
    used.set(key, mine)
    // Whoever waits for it is told why; the next one tries anew.
    mine.runner.then(
      ({ gone }) => gone.then(() => retire(key, mine)),
      () => retire(key, mine),
    )
    return mine
  }
  const retire = (key: string, which: Used): void => {
    if (used.get(key) === which) used.delete(key)
  }
  async function letGo(key: string, which: Used, runner: Runner): Promise<void> {
    which.units -= 1
    if (which.units > 0) return
    retire(key, which)
    await runner[Symbol.asyncDispose]()
  }

  return {
    async unit(target) {
      const command = await host.runnerFor(target)
      const key = JSON.stringify(command)
      const mine = used.get(key) ?? begin(key, command)
      mine.units += 1
      const runner = await mine.runner
      const unit = runner.unit()
      let ended: Promise<void> | null = null
      const end = async (): Promise<void> => {
        await unit[Symbol.asyncDispose]()
        await letGo(key, mine, runner)
      }
      return {
        ...unit,
        retire: () => retire(key, mine),
        [Symbol.asyncDispose]() {
          ended ??= end()
          return ended
        },
      }
    },
  }
}
