// YAML that people write and that decides something (layouts, probe lists, recipes), as a tree with places: one document, no
// aliases, anchors or tags, so that no file can blow up, and not too deep, so that no file exhausts the parser.
import {
  type Document,
  type DocumentOptions,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type ParseOptions,
  parseDocument,
  type SchemaOptions,
  visit,
  type YAMLMap,
} from 'yaml'
import { type ErrorCode, type Finding, finding } from '#base/errors.ts'

/** Where something begins; both count from 1. */
export interface YamlPlace {
  readonly line: number
  readonly column: number
}

export type YamlProblem =
  | { readonly kind: 'syntax'; readonly place: YamlPlace; readonly reason: string }
  | { readonly kind: 'feature'; readonly place: YamlPlace; readonly found: string }

export interface YamlTree {
  readonly root: Node | null
  /** The value as plain data. */
  plain(): unknown
  /** The node at a path of keys and indices. */
  nodeAt(path: readonly PropertyKey[]): Node | null
  at(node: Node | null | undefined): YamlPlace
}

export interface YamlOptions {
  /** `failsafe`: every scalar is text. */
  readonly schema: 'core' | 'failsafe'
  readonly maxDepth: number
}

export const DEFAULT_OPTIONS: YamlOptions = { schema: 'core', maxDepth: 32 }

export type YamlResult =
  | { readonly ok: true; readonly tree: YamlTree }
  | { readonly ok: false; readonly problem: YamlProblem }

/** No settings, layout or recipe comes near this. */
export const MAX_YAML_SIZE = 1_000_000
const MAX_YAML_DEPTH = 64

/** Why a text is not even given to the parser; null when it may be. */
export function yamlBounds(text: string, maxDepth = MAX_YAML_DEPTH): string | null {
  if (text.length > MAX_YAML_SIZE) return `larger than ${MAX_YAML_SIZE} characters`
  return depthOf(text) > maxDepth ? `nested deeper than ${maxDepth} levels` : null
}

/**
 * The parser's document, for files that are edited and keep their comments. Null when yamlBounds has something against it, or
 * the parser's recursion ends.
 */
export function boundedYaml(
  text: string,
  options: ParseOptions & DocumentOptions & SchemaOptions,
): Document.Parsed | null {
  if (yamlBounds(text) !== null) return null
  try {
    return parseDocument(text, options)
  } catch {
    // The parser recurses; its error says nothing about the file.
    return null
  }
}

/** Parses a text. */
export function parseYamlTree(text: string, { schema, maxDepth }: YamlOptions = DEFAULT_OPTIONS): YamlResult {
  const lines = new LineCounter()
  const place = (offset: number): YamlPlace => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const syntax = (offset: number, reason: string): YamlResult => ({
    ok: false,
    problem: { kind: 'syntax', place: place(offset), reason },
  })
  const bounds = yamlBounds(text, maxDepth)
  if (bounds !== null) return syntax(0, bounds)
  const document = parseDocument(text, {
    ...{ lineCounter: lines, schema, version: '1.2', merge: false, resolveKnownTags: false },
    ...{ prettyErrors: false, logLevel: 'error' },
  })
  const at = (node: Node | null | undefined): YamlPlace => place(node?.range?.[0] ?? 0)
  const feature = forbidden(document.contents)
  if (feature) return { ok: false, problem: { kind: 'feature', place: at(feature.node), found: feature.found } }
  const [error] = [...document.errors, ...document.warnings]
  if (error) return syntax(error.pos[0], error.message)
  const nodeAt = (path: readonly PropertyKey[]) => (document.getIn(path, true) ?? null) as Node | null
  return { ok: true, tree: { root: document.contents, plain: () => document.toJS(), nodeAt, at } }
}

function forbidden(contents: Node | null): { readonly found: string; readonly node: Node } | null {
  let feature: { found: string; node: Node } | null = null
  const stop = (node: Node, found: string) => {
    feature = { found, node }
    return visit.BREAK
  }
  visit(contents, {
    Alias: (_key, node) => stop(node, 'an alias (*)'),
    Value: (_key, node) => (node.anchor ? stop(node, 'an anchor (&)') : node.tag ? stop(node, 'a tag (!)') : undefined),
  })
  return feature
}

/** Brackets and dashes open at the same time, roughly (text in quotes counts too): keeps the parser's recursion small. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (const char of text) {
    if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth)
    else if (char === ']' || char === '}') depth--
  }
  const runs = text.match(/^[ ]*(?:[-?:][ \t]+)+/gm) ?? []
  return runs.reduce((most, run) => Math.max(most, run.split(/[-?:]/).length), deepest)
}

export type YamlValues = ReadonlyMap<string, Node | null>

/** What complaints are called, and how emptiness is. */
export interface ReaderWords {
  readonly invalid: ErrorCode
  readonly unknownKey: ErrorCode
  readonly nothing: string
}

/** Takes values out of the tree and collects findings; `null` stands for "already complained about". */
export class TreeReader {
  readonly findings: Finding[] = []
  readonly #tree: YamlTree
  readonly #words: ReaderWords

  constructor(tree: YamlTree, words: ReaderWords) {
    this.#tree = tree
    this.#words = words
  }

  at(node: Node | null | undefined): YamlPlace {
    return this.#tree.at(node)
  }

  invalid(node: Node | null, key: string, expected: string, found: string = this.describe(node)): null {
    this.findings.push(finding(this.#words.invalid, { ...this.at(node), key, expected, found }))
    return null
  }

  /** The values of a map by key; unknown keys are told. */
  keys(map: YAMLMap, known: readonly string[]): Map<string, Node | null> {
    const values = new Map<string, Node | null>()
    for (const { key: node, value } of map.items as Pair<Node, Node | null>[]) {
      const key = isScalar(node) ? String(node.value) : this.describe(node)
      if (known.includes(key)) values.set(key, value)
      else {
        const expected = known.join(', ') || 'none'
        this.findings.push(finding(this.#words.unknownKey, { ...this.at(node ?? map), key: shortened(key), expected }))
      }
    }
    return values
  }

  describe(node: Node | null): string {
    return describeNode(node, this.#words.nothing)
  }
}

export const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)

/** A value as a complaint calls it. */
export function describeNode(node: Node | null, nothing: string): string {
  if (isMap(node)) return 'a map'
  if (isSeq(node)) return 'a list'
  if (!isScalar(node) || node.value === null) return nothing
  const text = shortened(String(node.value))
  return typeof node.value === 'string' ? `"${text}"` : `the ${typeof node.value} ${text}`
}
