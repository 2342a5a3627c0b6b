// Makes an argument list of a command line without a shell. Rule: blanks separate; '...' keeps everything, "..." keeps
// everything but \" and \\; outside of quotes \ keeps the next character. What only a shell could mean is refused.

export type SplitCommand =
  | { readonly ok: true; readonly argv: readonly string[] }
  | { readonly ok: false; readonly reason: string }

const SHELL_ONLY = /[|&;<>()$`*?[\]{}~#\n\r]/
const refused = (reason: string): SplitCommand => ({ ok: false, reason })

/** `pg_isready -U "my user"` -> ['pg_isready', '-U', 'my user']. */
export function splitCommand(line: string): SplitCommand {
  const argv: string[] = []
  let word: string | null = null
  for (let at = 0; at < line.length; at++) {
    const char = line[at]
    if (char === '\0') return refused('a NUL character')
    if (char === "'" || char === '"') {
      const quoted = readQuoted(line, at)
      if (quoted === null) return refused(`a quote (${char}) that is not closed`)
      word = (word ?? '') + quoted.text
      at = quoted.end
    } else if (char === '\\') {
      at++
      if (at === line.length) return refused('a backslash at its end')
      word = (word ?? '') + line[at]
    } else if (char === ' ' || char === '\t') {
      if (word !== null) argv.push(word)
      word = null
    } else if (SHELL_ONLY.test(char)) {
      return refused(`"${char === '\n' || char === '\r' ? '\\n' : char}", which only a shell understands`)
    } else word = (word ?? '') + char
  }
  if (word !== null) argv.push(word)
  if (!argv[0]) return refused('no program')
  return { ok: true, argv }
}

/** The text between the quote at `start` and its partner, and where that is. */
function readQuoted(line: string, start: number): { readonly text: string; readonly end: number } | null {
  const quote = line[start]
  let text = ''
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] === quote) return { text, end: at }
    const escaped = quote === '"' && line[at] === '\\' && (line[at + 1] === '"' || line[at + 1] === '\\')
    if (escaped) at++
    text += line[at]
  }
  return null
}
