// Codes that a program of ours told a test that ran it as a child: noted beside those made in the test's own process, for
// the proof that every code of the catalogue is produced (build/record-codes.ts).
import { appendFileSync } from 'node:fs'

/** Notes every `"code":"area.reason"` of a program's JSON output. Without a recording run it does nothing. */
export function noteCodes(output: string): void {
  const file = process.env.TWINSLOT_CODES
  if (!file) return
  const codes = [...output.matchAll(/"code":\s*"([a-z][a-z0-9]*\.[a-z0-9-]+)"/g)].map((match) => `${match[1]}\n`)
  if (codes.length > 0) appendFileSync(file, codes.join(''))
}
