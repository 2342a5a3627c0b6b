// Errors and refusals as the contract's problems: the sentence and the remedy of the catalogue with their code.

import { type Details, fillTemplate } from '#base/errors/define.ts'
import {
  CATALOGUE,
  EngineError,
  type ErrorCode,
  explain,
  type Finding,
  finding,
  firstError,
  isEngineError,
} from '#base/errors.ts'
import { foreignText } from '#base/foreign-text.ts'
import type { Problem } from '#contract/views.ts'
import { WINDOW_REMEDIES } from './window-words.ts'

/** Anything that was thrown, or a finding. What is not from the catalogue is a bug of ours and says so. */
export function problemOf(error: unknown): Problem {
  const found = asFinding(error)
  const { code } = found
  const details = plainDetails(found.details)
  const remedy = isCode(code) ? WINDOW_REMEDIES[code] : undefined
  return { code, details, ...explain(found), ...(remedy !== undefined && { remedy: fillTemplate(remedy, details) }) }
}

/** The page puts details into its own sentences. */
const plainDetails = (details: Details): Details =>
  Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, typeof value === 'string' ? foreignText(value, 2000) : value]),
  )

function asFinding(thrown: unknown): Finding {
  const error = firstError(thrown)
  if (isEngineError(error)) return error
  if (typeof error === 'object' && error !== null && 'code' in error && 'details' in error && !(error instanceof Error))
    return error as Finding
  return finding('cli.bug', { reason: error instanceof Error ? error.message : String(error) })
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(CATALOGUE, code)

/** A problem that came from another process of ours, as the error it was there. */
export const problemError = ({ code, details }: Problem): EngineError =>
  isCode(code) ? new EngineError(code, details) : new EngineError('runner.protocol', { problem: `code ${code}` })
