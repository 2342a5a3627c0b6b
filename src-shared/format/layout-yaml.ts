// Layout files (docs/format/layout.md): YAML -> Layout. Every complaint names line, column and key. Bounded: at most
// 64 KiB, no aliases, anchors or tags, so that no file can blow up.
import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml'
import { fromUtf8, KIB, utf8 } from '#base/bytes.ts'
import { finding } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { parseSize } from '#base/size.ts'
import type { Layout, PartitionSpec } from '#model/layout.ts'
import { allowedFilesystems, checkLayout, FILESYSTEMS, ROLES } from '#model/layout-rules.ts'
import { parseYamlTree, TreeReader, type YamlValues } from './yaml-tree.ts'

export const LAYOUT_FILE_LIMIT = 64 * KIB
const PARTITION_LIMIT = 32
const TOP_KEYS = ['name', 'description', 'product', 'hardware', 'partitions']
const PARTITION_KEYS = ['role', 'name', 'size', 'minimum', 'filesystem', 'label', 'mount', 'encryption']
const WORDS = { invalid: 'layout.invalid', unknownKey: 'layout.unknown-key', nothing: 'empty' } as const
const SIZE_WORDS = 'a size with unit such as "512 MB" or "2 GiB"'

class Reader extends TreeReader {
  /** The values of a map by key; unknown and missing keys are told. */
  fields(map: YAMLMap, known: readonly string[], needed: readonly string[]): YamlValues {
    const values = this.keys(map, known)
    for (const key of needed)
      if (!values.has(key)) this.findings.push(finding('layout.missing-key', { ...this.at(map), key }))
    return values
  }

  text(values: YamlValues, key: string): string | undefined {
    if (!values.has(key)) return undefined
    const node = values.get(key) ?? null
    if (isScalar(node) && typeof node.value === 'string') return node.value
    this.invalid(node, key, 'a text')
    return undefined
  }

  /** A list of names, or one name. */
  texts(node: Node | null, key: string): readonly string[] {
    const items = isSeq(node) ? (node.items as (Node | null)[]) : [node]
    const found = items.flatMap((item) => (isScalar(item) && typeof item.value === 'string' ? [item.value] : []))
    if (found.length === 0 || found.length !== items.length || found.includes(''))
      this.invalid(node, key, 'a list of product names as the machines tell them (DMI)')
    return found
  }

  word<T extends string>(values: YamlValues, key: string, words: readonly T[]): T | undefined {
    if (!values.has(key)) return undefined
    const node = values.get(key) ?? null
    const word = words.find((candidate) => isScalar(node) && node.value === candidate)
    if (word === undefined) this.invalid(node, key, words.length === 1 ? `"${words[0]}"` : `one of ${words.join(', ')}`)
    return word
  }

  size(values: YamlValues, key: string, orRest: boolean): number | 'rest' | undefined {
    if (!values.has(key)) return undefined
    const node = values.get(key) ?? null
    const value = isScalar(node) && typeof node.value === 'string' ? node.value : ''
    if (orRest && value === 'rest') return 'rest'
    const bytes = parseSize(value)
    if (bytes === null) this.invalid(node, key, orRest ? `${SIZE_WORDS}, or rest` : SIZE_WORDS)
    return bytes ?? undefined
  }
}

function readPartition(reader: Reader, node: Node | null, index: number): PartitionSpec | null {
  if (!isMap(node)) return reader.invalid(node, `partitions[${index}]`, 'a map with role, name and size')
  const values = reader.fields(node, PARTITION_KEYS, ['role', 'name', 'size'])
  const role = reader.word(values, 'role', ROLES)
  const name = reader.text(values, 'name')
  const size = reader.size(values, 'size', true)
  const minimum = reader.size(values, 'minimum', false)
  const filesystem = reader.word(values, 'filesystem', FILESYSTEMS)
  const label = reader.text(values, 'label')
  const mount = reader.text(values, 'mount')
  const encryption = reader.word(values, 'encryption', ['luks2'])
  if (minimum !== undefined && size !== 'rest')
    reader.invalid(values.get('minimum') ?? null, 'minimum', 'left out unless size is rest')
  if (role === undefined || name === undefined || size === undefined) return null
  return {
    role,
    name,
    size,
    ...(typeof minimum === 'number' && { minimum }),
    filesystem: filesystem ?? allowedFilesystems(role)[0],
    ...(label !== undefined && { label }),
    ...(mount !== undefined && { mount }),
    ...(encryption !== undefined && { encryption }),
  }
}

function readLayout(reader: Reader, root: Node | null): Result<Layout> {
  if (!isMap(root)) {
    reader.invalid(root, 'layout', 'a map with name and partitions')
    return refuse(...reader.findings)
  }
  const values = reader.fields(root, TOP_KEYS, ['name', 'partitions'])
  const name = reader.text(values, 'name')
  if (name !== undefined && !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name))
    reader.invalid(values.get('name') ?? null, 'name', '1 to 64 of a-z, 0-9, ".", "_" and "-"')
  const description = reader.text(values, 'description') ?? ''
  const product = reader.text(values, 'product')
  const hardware = values.has('hardware') ? reader.texts(values.get('hardware') ?? null, 'hardware') : undefined
  const list = values.get('partitions') ?? null
  const items = isSeq(list) ? (list.items as (Node | null)[]) : []
  if (values.has('partitions') && (items.length === 0 || items.length > PARTITION_LIMIT))
    reader.invalid(list, 'partitions', `a list of 1 to ${PARTITION_LIMIT} partitions`)
  if (reader.findings.length > 0 || name === undefined) return refuse(...reader.findings)
  const partitions = items.map((item, index) => readPartition(reader, item, index))
  if (reader.findings.length > 0) return refuse(...reader.findings)
  const layout: Layout = {
    name,
    description,
    ...(product !== undefined && { product }),
    ...(hardware !== undefined && { hardware }),
    partitions: partitions.filter((part) => part !== null),
  }
  const lines = items.map((item) => reader.at(item).line)
  const broken = checkLayout(layout, lines)
  return broken.length > 0 ? refuse(...broken) : ok(layout)
}

/**
 * Reads a layout file. Refusals: `layout.file-too-large`, `layout.yaml-syntax`, `layout.yaml-feature`,
 * `layout.unknown-key`, `layout.missing-key`, `layout.invalid`, and all of checkLayout with the line.
 */
export function parseLayoutYaml(source: string | Uint8Array): Result<Layout> {
  const bytes = typeof source === 'string' ? utf8(source) : source
  if (bytes.length > LAYOUT_FILE_LIMIT)
    return refuse(finding('layout.file-too-large', { found: bytes.length, limit: LAYOUT_FILE_LIMIT }))
  const syntax = (line: number, column: number, reason: string) =>
    refuse(finding('layout.yaml-syntax', { line, column, reason }))
  const text = fromUtf8(bytes)
  if (text === null) return syntax(1, 1, 'the file is not UTF-8 text')
  const parsed = parseYamlTree(text)
  if (parsed.ok) return readLayout(new Reader(parsed.tree, WORDS), parsed.tree.root)
  const { problem } = parsed
  if (problem.kind === 'feature')
    return refuse(finding('layout.yaml-feature', { ...problem.place, found: problem.found }))
  return syntax(problem.place.line, problem.place.column, problem.reason)
}
