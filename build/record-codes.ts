// Preloaded into every test process: notes which error codes the product itself made (not the test), for the proof that each
// code of the catalogue is produced by some test. The product has no hook: the two makers in src-shared/base/errors.ts are
// changed while they are loaded; when they look different, loading fails.
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const FILE = process.env.TWINSLOT_CODES
const MAKERS = '/src-shared/base/errors.ts'
const NAME = 'twinslotCodeMade'
const CHANGES = [
  [' => ({ code, details })\n', ` => (globalThis.${NAME}?.(code), { code, details })\n`],
  ['    this.code = code\n', `    this.code = code\n    ;globalThis.${NAME}?.(code)\n`],
] as const

const made = new Set<string>()
/** The caller is the first frame outside of the catalogue; a test that makes an error proves nothing. */
function note(code: unknown): void {
  if (typeof code !== 'string' || made.has(code)) return
  const frames = (new Error().stack ?? '').split('\n').slice(1)
  const caller = frames.find(
    (frame) => frame.includes('file://') && !frame.includes(MAKERS) && !frame.includes('/build/'),
  )
  if (caller && !/\.test\.ts|\/src-shared\/testing\//.test(caller)) made.add(code)
}

if (FILE) {
  Reflect.set(globalThis, NAME, note)
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      if (!url.endsWith(MAKERS)) return loaded
      let source = String(loaded.source)
      for (const [from, to] of CHANGES) {
        if (!source.includes(from)) throw new Error(`${MAKERS} no longer says ${JSON.stringify(from)}`)
        source = source.replace(from, to)
      }
      return { ...loaded, source }
    },
  })
  process.on('exit', () => {
    if (made.size > 0) appendFileSync(FILE, [...made].map((code) => `${code}\n`).join(''))
  })
}
