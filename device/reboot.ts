// Asks init to restart the machine, whichever init it is. Never by the kernel at once: the data partition is unmounted first.
import { EngineError, isEngineError } from '#base/errors.ts'
import { findTool, runTool } from '#node/os/run-tool.ts'
import type { Reboot } from './ports.ts'

const WAYS: readonly (readonly [string, readonly string[]])[] = [
  ['systemctl', ['reboot']],
  ['reboot', []],
  ['busybox', ['reboot']],
]
const TIMEOUT_MS = 20_000

/**
 * The first way that this system has and that works. `find` and `run` are for tests.
 * @throws EngineError `tool.missing`, `tool.failed`, `tool.timeout`
 */
export const systemReboot =
  (find: typeof findTool = findTool, run: typeof runTool = runTool): Reboot =>
  async () => {
    let last: EngineError | null = null
    for (const [tool, args] of WAYS) {
      const path = await find(tool)
      if (!path) continue
      try {
        const { code, stderr } = await run(path, args, { timeoutMs: TIMEOUT_MS })
        if (code === 0) return
        last = new EngineError('tool.failed', { tool, code, stderr: stderr.trim().slice(-200) || 'no message' })
      } catch (error) {
        if (!isEngineError(error)) throw error
        last = error
      }
    }
    throw last ?? new EngineError('tool.missing', { tool: 'reboot', remedy: 'it belongs to the system image' })
  }
