// The probe list (docs/format/probes.md): YAML -> ProbeSpec[]. Reads the specification's form (name, command, timeout)
// and ours (builtin, options, severity, retry_for). Every complaint names line, column and key; nothing is guessed.
import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml'
import { KIB } from '#base/bytes.ts'
import { type Finding, finding } from '#base/errors.ts'
import { parseYamlTree, TreeReader, type YamlValues } from '#format/yaml-tree.ts'
import type { BuiltInProbe, ProbeSpec } from '#model/health.ts'
import { BUILT_IN_LAYOUTS } from '#model/layouts.ts'
import { splitCommand } from './split-command.ts'

const FILE_LIMIT = 64 * KIB
export const PROBE_LIMIT = 32
const SECOND = 1000
/** A probe that is tried once has to answer within this; the specification's limit of the whole gate. */
export const ONCE_LIMIT_MS = 60 * SECOND
/** A service may take this long to come up; the second specification's limit. */
export const SERVICE_LIMIT_MS = 300 * SECOND
const SHORTEST_MS = 100

interface BuiltIn {
  /** Option -> what it has to be. */
  readonly options: Readonly<Record<string, 'text' | 'percent' | 'port' | 'mounts' | 'layout'>>
  readonly timeoutMs: number
  readonly critical: boolean
}

/** Options, time limit and severity of the built-in probes when the list does not say. */
export const BUILT_INS: Readonly<Record<BuiltInProbe, BuiltIn>> = {
  network: { options: { url: 'text', path: 'text' }, timeoutMs: 10 * SECOND, critical: true },
  ntp: { options: {}, timeoutMs: 10 * SECOND, critical: false },
  disk: { options: { path: 'text', limit_percent: 'percent' }, timeoutMs: 10 * SECOND, critical: true },
  mounts: { options: { layout: 'layout', mounts: 'mounts' }, timeoutMs: 5 * SECOND, critical: true },
  config: { options: {}, timeoutMs: 10 * SECOND, critical: true },
  database: {
    options: { host: 'text', port: 'port', user: 'text', database: 'text' },
    timeoutMs: 10 * SECOND,
    critical: true,
  },
  api: { options: { url: 'text' }, timeoutMs: 30 * SECOND, critical: true },
  agent: { options: { unit: 'text' }, timeoutMs: 10 * SECOND, critical: true },
}

const WORDS = { invalid: 'gate.invalid', unknownKey: 'gate.unknown-key', nothing: 'nothing' } as const
const PROBE_KEYS = ['name', 'command', 'builtin', 'options', 'timeout', 'retry_for', 'severity']

export interface ProbeList {
  /** Those entries that are in order; empty when the file as a whole is not. */
  readonly probes: readonly ProbeSpec[]
  readonly findings: readonly Finding[]
}

/** `10s`, `500ms`, `2m`, or a number of seconds; null when it is none of these. */
export function parseDuration(value: unknown): number | null {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)\s*(ms|s|m|)$/.exec(typeof value === 'number' ? String(value) : `${value}`)
  if (!match || (typeof value !== 'string' && typeof value !== 'number')) return null
  return Math.round(Number(match[1]) * { ms: 1, s: SECOND, m: 60 * SECOND, '': SECOND }[match[2] as 's']!)
}

/**
 * Reads a probe list. Findings: `gate.list-unreadable`, `gate.unknown-key`, `gate.invalid`, `gate.duplicate-name`. A list
 * with findings must not be used in part: a probe that is left out would let a bad system pass.
 */
export function parseProbes(text: string): ProbeList {
  if (text.length > FILE_LIMIT) return unreadable(1, 1, `it is longer than ${FILE_LIMIT} characters`)
  const parsed = parseYamlTree(text)
  if (parsed.ok) return readList(new Reader(parsed.tree, WORDS), parsed.tree.root)
  const { problem } = parsed
  const reason = problem.kind === 'feature' ? `${problem.found} is not allowed` : problem.reason.replace(/\.$/, '')
  return unreadable(problem.place.line, problem.place.column, reason)
}

const unreadable = (line: number, column: number, reason: string): ProbeList => ({
  probes: [],
  findings: [finding('gate.list-unreadable', { line, column, reason })],
})

function readList(reader: Reader, root: Node | null): ProbeList {
  if (!isMap(root)) {
    reader.invalid(root, 'The file', 'a map with health_checks')
    return { probes: [], findings: reader.findings }
  }
  const values = reader.keys(root, ['health_checks'])
  const list = values.get('health_checks') ?? null
  const items = isSeq(list) ? (list.items as (Node | null)[]) : null
  if (items === null || items.length === 0 || items.length > PROBE_LIMIT) {
    reader.invalid(list ?? root, 'health_checks', `a list of 1 to ${PROBE_LIMIT} probes`)
    return { probes: [], findings: reader.findings }
  }
  const probes: ProbeSpec[] = []
  for (const item of items) {
    const probe = readProbe(reader, item)
    if (probe === null) continue
    if (probes.some(({ name }) => name === probe.name))
      reader.findings.push(finding('gate.duplicate-name', { ...reader.at(item), name: probe.name }))
    else probes.push(probe)
  }
  return { probes, findings: reader.findings }
}

function readProbe(reader: Reader, node: Node | null): ProbeSpec | null {
  const before = reader.findings.length
  if (!isMap(node)) return reader.invalid(node, 'A probe', 'a map with name and command or builtin')
  const values = reader.keys(node, PROBE_KEYS)
  const name = reader.text(values, 'name', node)
  if (name !== null && !/^[^\p{Cc}]{1,64}$/u.test(name))
    reader.invalid(values.get('name') ?? null, 'name', '1 to 64 printable characters')
  const run = readRun(reader, values, node)
  const known = run?.kind === 'builtin' ? BUILT_INS[run.probe] : { timeoutMs: 10 * SECOND, critical: true }
  const retryForMs = reader.duration(values, 'retry_for', 0, SERVICE_LIMIT_MS) ?? 0
  const limit = retryForMs > 0 ? SERVICE_LIMIT_MS : ONCE_LIMIT_MS
  const timeoutMs = reader.duration(values, 'timeout', SHORTEST_MS, limit) ?? known.timeoutMs
  const severity = values.has('severity') ? reader.text(values, 'severity', node) : null
  if (severity !== null && severity !== 'critical' && severity !== 'advisory')
    reader.invalid(values.get('severity') ?? null, 'severity', 'critical or advisory')
  if (reader.findings.length > before || name === null || run === null) return null
  return { name, run, timeoutMs, retryForMs, critical: severity === null ? known.critical : severity === 'critical' }
}

function readRun(reader: Reader, values: YamlValues, node: Node): ProbeSpec['run'] | null {
  if (values.has('command') === values.has('builtin'))
    return reader.invalid(node, 'A probe', 'given by exactly one of command and builtin')
  if (values.has('command')) {
    if (values.has('options')) reader.invalid(values.get('options') ?? null, 'options', 'left out with command')
    const line = reader.text(values, 'command', node)
    if (line === null) return null
    const split = splitCommand(line)
    if (split.ok) return { kind: 'command', argv: split.argv }
    return reader.invalid(values.get('command') ?? null, 'command', 'a program and its arguments', split.reason)
  }
  const word = reader.text(values, 'builtin', node)
  if (word === null) return null
  const names = Object.keys(BUILT_INS) as BuiltInProbe[]
  const probe = names.find((candidate) => candidate === word)
  if (!probe) return reader.invalid(values.get('builtin') ?? null, 'builtin', `one of ${names.join(', ')}`)
  const options = readOptions(reader, values.get('options') ?? null, probe)
  if (probe === 'mounts' && Object.keys(options).length === 0)
    return reader.invalid(node, 'The probe mounts', 'told what to look for: options layout or mounts')
  return { kind: 'builtin', probe, options }
}

function readOptions(reader: Reader, node: Node | null, probe: BuiltInProbe): Readonly<Record<string, unknown>> {
  const known = BUILT_INS[probe].options
  if (node === null) return {}
  if (!isMap(node)) {
    reader.invalid(node, 'options', 'a map')
    return {}
  }
  const options: Record<string, unknown> = {}
  for (const [key, value] of reader.keys(node, Object.keys(known))) {
    const read = readOption(value, known[key])
    if (read === null) reader.invalid(value, key, OPTION_WORDS[known[key]])
    else options[key] = read
  }
  return options
}

const OPTION_WORDS = {
  text: 'a text',
  percent: 'a whole number from 1 to 100',
  port: 'a whole number from 1 to 65535',
  mounts: 'a map of absolute paths to lists of mount options',
  layout: `one of ${Object.keys(BUILT_IN_LAYOUTS).join(', ')}`,
} as const

function readOption(node: Node | null, kind: keyof typeof OPTION_WORDS): unknown {
  if (kind === 'mounts') return readMounts(node)
  const value = isScalar(node) ? node.value : null
  if (kind === 'layout') return typeof value === 'string' && Object.hasOwn(BUILT_IN_LAYOUTS, value) ? value : null
  if (kind === 'text') return typeof value === 'string' && value !== '' && !/\p{Cc}/u.test(value) ? value : null
  const highest = kind === 'percent' ? 100 : 65535
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= highest ? value : null
}

function readMounts(node: Node | null): Readonly<Record<string, readonly string[]>> | null {
  if (!isMap(node)) return null
  const mounts: Record<string, string[]> = {}
  for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
    const path = isScalar(key) ? key.value : null
    if (typeof path !== 'string' || !path.startsWith('/') || !isSeq(value)) return null
    const options = value.items.map((item) => (isScalar(item) ? item.value : null))
    if (!options.every((option) => typeof option === 'string' && /^[a-z]+$/.test(option))) return null
    mounts[path] = options as string[]
  }
  return mounts
}

class Reader extends TreeReader {
  text(values: YamlValues, key: string, parent: Node): string | null {
    const node = values.get(key) ?? null
    if (isScalar(node) && typeof node.value === 'string') return node.value
    return this.invalid(node ?? parent, key, 'a text', values.has(key) ? this.describe(node) : 'nothing')
  }

  duration(values: YamlValues, key: string, least: number, most: number): number | null {
    if (!values.has(key)) return null
    const node = values.get(key) ?? null
    const value = parseDuration(isScalar(node) ? node.value : null)
    if (value !== null && value >= least && value <= most) return value
    return this.invalid(node, key, `a time such as 10s or 2m, from ${least / SECOND} s to ${most / SECOND} s`)
  }
}
