// Reads a settings file of the appliance (YAML) value by value, and says for each wrong one in which line it is. Tolerant
// of keys it does not know. Never repeats a value in a complaint unless the caller says that it is no secret.
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type YAMLMap } from 'yaml'
import { EngineError, type Finding, finding } from '#base/errors.ts'
import { boundedYaml, yamlBounds } from '#format/yaml-tree.ts'
import { switchOf } from '#model/window.ts'
import { readTextFile } from '../os/state-file.ts'

export const SETTINGS_LIMIT = 256 * 1024

interface Source {
  readonly file: string
  readonly document: Document
  readonly lines: LineCounter
  readonly findings: Finding[]
}

/** A map of the file. Everything wrong is added to `findings`, which nested maps share; a wrong value reads as null. */
export class YamlMap {
  readonly #source: Source
  readonly #map: YAMLMap | null
  readonly #prefix: string

  constructor(source: Source, map: YAMLMap | null, prefix: string) {
    this.#source = source
    this.#map = map
    this.#prefix = prefix
  }

  get file(): string {
    return this.#source.file
  }

  get findings(): readonly Finding[] {
    return this.#source.findings
  }

  /** True when the key is there, even with an empty value. */
  has(key: string): boolean {
    return this.#map?.has(key) ?? false
  }

  /** Line of the key's value, or of the key, or 1. */
  line(key: string): number {
    const pair = this.#map?.items.find((item) => isScalar(item.key) && item.key.value === key)
    const node = (pair?.value ?? pair?.key) as Node | undefined
    return this.#source.lines.linePos(node?.range?.[0] ?? 0).line || 1
  }

  add(found: Finding): void {
    this.#source.findings.push(found)
  }

  /** Complains about a value; `shown` only for what is no secret. */
  invalid(key: string, expected: string, shown?: string): null {
    const found = shown === undefined ? kindOf(this.#node(key)) : `"${shown.slice(0, 60)}"`
    const name = this.#prefix + key
    this.add(finding('settings.invalid', { file: this.file, line: this.line(key), key: name, expected, found }))
    return null
  }

  missing(key: string, expected: string): null {
    this.add(finding('settings.missing-key', { file: this.file, key: this.#prefix + key, expected }))
    return null
  }

  /** A text; a number is taken as it was written. Null when absent or empty. */
  text(key: string): string | null {
    const node = this.#node(key)
    if (node === null || (isScalar(node) && (node.value === null || node.value === ''))) return null
    if (isScalar(node) && typeof node.value === 'string') return node.value
    if (isScalar(node) && typeof node.value === 'number') return node.source ?? String(node.value)
    return this.invalid(key, 'a text')
  }

  /** A whole number. */
  integer(key: string): number | null {
    const node = this.#node(key)
    if (node === null || (isScalar(node) && node.value === null)) return null
    if (isScalar(node) && typeof node.value === 'number' && Number.isSafeInteger(node.value)) return node.value
    return this.invalid(key, 'a whole number')
  }

  /** true or false; also yes, no, on and off, which other readers of these files understand. */
  flag(key: string): boolean | null {
    const node = this.#node(key)
    if (node === null || (isScalar(node) && node.value === null)) return null
    return switchOf(isScalar(node) ? node.value : null) ?? this.invalid(key, 'true or false')
  }

  /** A nested map; empty when absent. */
  map(key: string): YamlMap {
    const node = this.#node(key)
    const prefix = `${this.#prefix}${key}.`
    if (isMap(node)) return new YamlMap(this.#source, node, prefix)
    if (node !== null && !(isScalar(node) && node.value === null)) this.invalid(key, 'a group of keys')
    return new YamlMap(this.#source, null, prefix)
  }

  /** A list of texts; null when absent. */
  texts(key: string): string[] | null {
    const node = this.#node(key)
    if (node === null || (isScalar(node) && node.value === null)) return null
    const values: unknown[] = isSeq(node) ? (node.toJS(this.#source.document) as unknown[]) : [null]
    if (values.every((value) => typeof value === 'string')) return values
    return this.invalid(key, 'a list of texts')
  }

  /** The value as plain data; undefined when absent. */
  plain(key: string): unknown {
    return this.#node(key)?.toJS(this.#source.document)
  }

  #node(key: string): Node | null {
    const node = this.#map?.get(key, true) as Node | undefined
    if (!node) return null
    return isAlias(node) ? (node.resolve(this.#source.document) ?? null) : node
  }
}

function kindOf(node: Node | null): string {
  if (isMap(node)) return 'a group of keys'
  if (isSeq(node)) return 'a list'
  if (!isScalar(node) || node.value === null) return 'nothing'
  if (typeof node.value === 'boolean') return String(node.value)
  return typeof node.value === 'number' ? 'a number' : 'a text'
}

/** The parsed document of a file, for edits. @throws EngineError `settings.yaml-syntax` */
export function parseYaml(file: string, text: string): { document: Document; lines: LineCounter } {
  const lines = new LineCounter()
  const bad = (offset: number, reason: string) => {
    const { line, col } = lines.linePos(offset)
    return new EngineError('settings.yaml-syntax', { file, line: line || 1, column: col || 1, reason })
  }
  const document = boundedYaml(text, { lineCounter: lines, version: '1.2', prettyErrors: false, logLevel: 'error' })
  if (document === null) throw bad(0, yamlBounds(text) ?? 'nested too deeply')
  // Messages of the parser may repeat the file's text, which may be secret: only the kind of mistake is told.
  const [error] = document.errors
  if (error) throw bad(error.pos[0], error.code.toLowerCase().replaceAll('_', ' '))
  try {
    document.toJS()
  } catch {
    // An alias (*) of nothing, or so many that the text would grow beyond measure.
    throw bad(0, 'its aliases cannot be resolved')
  }
  return { document, lines }
}

/** The top map of a YAML text; an empty file is an empty map. @throws EngineError `settings.yaml-syntax`, `.invalid` */
export function yamlMap(file: string, text: string): YamlMap {
  const { document, lines } = parseYaml(file, text)
  const root = document.contents
  const empty = root === null || (isScalar(root) && root.value === null)
  if (!empty && !isMap(root)) {
    const details = {
      file,
      line: 1,
      key: 'the file',
      expected: 'a list of keys with values',
      found: kindOf(root as Node),
    }
    throw new EngineError('settings.invalid', details)
  }
  return new YamlMap({ file, document, lines, findings: [] }, isMap(root) ? root : null, '')
}

/**
 * Reads a YAML file; null when there is none.
 * @throws EngineError `settings.file-unreadable`, `.file-too-large`, `.yaml-syntax`, `.invalid`
 */
export async function readYamlFile(path: string): Promise<YamlMap | null> {
  const text = await readTextFile(path, SETTINGS_LIMIT)
  return text === null ? null : yamlMap(path, text)
}
