// Codes that a program of ours told a test which ran it as a child, or showed it on a page: noted beside those made in the
// test's own process, for the proof that every code of the catalogue is produced (build/record-codes.ts).
import { appendFileSync } from 'node:fs'
import { CATALOGUE } from '#base/errors.ts'

/** Notes every code of the catalogue in what a program said. Without a recording run it does nothing. */
export function noteCodes(said: string): void {
  const file = process.env.TWINSLOT_CODES
  if (!file) return
  const words = said.match(/(?<![\w./-])[a-z][a-z0-9]*\.[a-z0-9-]+(?![\w./-])/g) ?? []
  const codes = words.filter((word) => Object.hasOwn(CATALOGUE, word)).map((code) => `${code}\n`)
  if (codes.length > 0) appendFileSync(file, codes.join(''))
}
