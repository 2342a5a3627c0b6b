// Reads a TypeScript file far enough to know its imports: comments are blanked, strings become numbered place-holders,
// so that neither a comment nor a sentence in a string looks like an import. Line numbers are kept.

/** The text between ` and ${ is not code; what stands inside ${ } is. */
export interface ScannedSource {
  /** The code with comments and string contents removed; a string reads as «n». */
  readonly code: string
  readonly strings: readonly string[]
  readonly comments: string
}

export interface ImportedModule {
  /** undefined: the name is computed. */
  readonly specifier: string | undefined
  readonly line: number
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ')

// A slash after one of these starts a regular expression, not a division.
const BEFORE_REGEX =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete|throw|await|yield))\s*$/

export function scanSource(text: string): ScannedSource {
  let code = ''
  let comments = ''
  const strings: string[] = []
  /** Per open template literal: how many braces are open inside its ${ }. */
  const templates: number[] = []
  let index = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = index
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) index += found.length
    return found
  }
  const remember = (content: string): void => {
    code += `«${strings.length}»`
    strings.push(content)
  }
  const templatePart = (): void => {
    const part = take(/(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y) ?? ''
    code += blank(part)
    if (text.startsWith('${', index)) {
      templates.push(0)
      code += ' ('
      index += 2
    } else {
      code += '`'
      index += 1
    }
  }
  while (index < text.length) {
    const comment = take(/\/\/[^\n]*|\/\*[\s\S]*?\*\//y)
    const quoted = comment === undefined ? take(/'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y) : undefined
    if (comment !== undefined) {
      comments += `${comment}\n`
      code += blank(comment)
    } else if (quoted !== undefined) {
      remember(quoted.slice(1, -1))
    } else if (text[index] === '`') {
      code += '`'
      index += 1
      templatePart()
    } else if (text[index] === '/' && BEFORE_REGEX.test(code.slice(-40))) {
      const regex = take(/\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y)
      code += regex === undefined ? '/' : blank(regex)
      if (regex === undefined) index += 1
    } else {
      const depth = templates.at(-1)
      const char = text[index]!
      index += 1
      if (depth !== undefined && char === '{') templates[templates.length - 1] = depth + 1
      if (depth !== undefined && char === '}' && depth > 0) templates[templates.length - 1] = depth - 1
      if (depth === 0 && char === '}') {
        templates.pop()
        code += ')'
        templatePart()
      } else {
        code += char
      }
    }
  }
  return { code, strings, comments }
}

/** Every module that the source names: import, export from, import(), require(), import type, new URL for workers. */
export function importsOf({ code, strings }: ScannedSource): ImportedModule[] {
  const lineAt = (offset: number): number => code.slice(0, offset).split('\n').length
  const named = /\b(?:from|import)\s*«(\d+)»|\b(?:import|require)\s*\(\s*«(\d+)»/g
  const computed = /(?<![.\w])import\s*\(\s*(?!«\d+»\s*[,)])[^)\s]/g
  const workers = /\bnew\s+URL\s*\(\s*«(\d+)»\s*,\s*import\.meta\.url/g
  const resolved = [...code.matchAll(named), ...code.matchAll(workers)].map((match): ImportedModule => {
    const specifier = strings[Number(match[1] ?? match[2])]!
    return { specifier, line: lineAt(match.index) }
  })
  const unknown = [...code.matchAll(computed)].map(
    (match): ImportedModule => ({ specifier: undefined, line: lineAt(match.index) }),
  )
  return [...resolved, ...unknown]
}
