// A wish to see a line: kept until the editor of that file is there and takes it.

let wanted: { readonly file: string; readonly line: number } | null = null
const listeners = new Set<() => void>()

export function jumpTo(file: string, line: number): void {
  wanted = { file, line }
  for (const listener of listeners) listener()
}

/** The line that is wanted in this file, once. */
export function takeJump(file: string): number | null {
  if (wanted?.file !== file) return null
  const { line } = wanted
  wanted = null
  return line
}

/** @returns ends it */
export function onJump(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
