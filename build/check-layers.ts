// Fails when a file imports what its layer may not (table in layers.ts), when the core reads the clock or is random,
// when a test leaves something to chance, when files of the product import each other in a circle, or when a file holds a
// note to finish it later. Warns about long files without a reason. Tests may import anything.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, resolve } from 'node:path'
import packageFile from '../package.json' with { type: 'json' }
import { circlesIn } from './circles.ts'
import {
  AGAINST_THE_ORDER,
  AROUND_THE_PRODUCT,
  CHANCE_FORBIDDEN,
  CORE_FORBIDDEN,
  LAYERS,
  type Layer,
  LONG_FILE_LINES,
  LONG_REASON,
  NODE_ALLOWED,
  PROPERTY_DOOR,
  ROOMS,
  UNBOUNDED,
} from './layers.ts'
import { importsOf, type ScannedSource, scanSource } from './scan-source.ts'

export interface LayerFinding {
  readonly severity: 'error' | 'warning'
  readonly file: string
  readonly line: number
  readonly message: string
}

/** Names of folders for imports (Node's subpath imports): written once, for Node, the compiler, the bundlers and this check. */
const NAMES: Readonly<Record<string, string>> = packageFile.imports

type Say = (line: number, message: string, severity?: LayerFinding['severity']) => void

const isTest = (file: string): boolean => /\.(test|prop)\.tsx?$/.test(file)
const folders = [...LAYERS.map((layer) => layer.folder), ...AROUND_THE_PRODUCT]

/** `#model/units.ts` -> `src-shared/model/units.ts`, by the names in package.json; null for what is no such name. */
export function byName(specifier: string): string | null {
  const slash = specifier.indexOf('/')
  const place = NAMES[`${specifier.slice(0, slash)}/*`]
  return place === undefined ? null : place.slice(2, -1) + specifier.slice(slash + 1)
}

/** The other way round: how a file is imported by name. */
function nameOf(file: string): string {
  const [name, place] = Object.entries(NAMES).find(([, folder]) => `./${file}`.startsWith(folder.slice(0, -1)))!
  return name.slice(0, -1) + `./${file}`.slice(place.length - 1)
}

/** The package of a bare specifier: `@noble/hashes/sha2.js` -> `@noble/hashes`. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

function checkImport(root: string, file: string, layer: Layer, specifier: string, complain: (message: string) => void) {
  if (specifier.startsWith('node:')) {
    if (!NODE_ALLOWED.includes(layer.folder)) complain(`imports ${specifier}; only ${NODE_ALLOWED.join(', ')} may`)
    return
  }
  const named = byName(specifier)
  if (named === null && !specifier.startsWith('.')) {
    const name = packageOf(specifier)
    if (!layer.packages.includes(name)) complain(`imports the package ${name}; ${layer.folder} may not`)
    return
  }
  const target = named ?? posix.join(posix.dirname(file), specifier)
  if (!existsSync(join(root, target))) return complain(`imports ${target}, which does not exist`)
  if (target.startsWith(layer.folder) && !isTest(target)) return
  // Its version is what programs say about themselves.
  if (target === 'package.json' && NODE_ALLOWED.includes(layer.folder)) return
  const allowed = layer.mayImport.some((prefix) =>
    prefix.endsWith('/') ? target.startsWith(prefix) : target === prefix,
  )
  if (!allowed || isTest(target)) complain(`imports ${target}; ${layer.folder} may not`)
}

function checkProductFile(root: string, file: string, layer: Layer, source: ScannedSource, say: Say): void {
  checkRooms(file, source, say)
  for (const { specifier, line } of importsOf(source)) {
    if (specifier === undefined) say(line, 'imports a computed name, which nobody can check')
    else checkImport(root, file, layer, specifier, (message) => say(line, message))
  }
  for (const [pattern, why, allowed] of UNBOUNDED) {
    if (allowed.includes(file)) continue
    for (const match of source.code.matchAll(pattern)) say(source.code.slice(0, match.index).split('\n').length, why)
  }
  if (!layer.core) return
  for (const [pattern, why] of CORE_FORBIDDEN) {
    for (const match of source.code.matchAll(pattern)) say(source.code.slice(0, match.index).split('\n').length, why)
  }
}

/** Tests leave nothing to chance: properties come through the door with the seed, inputs are made from seeds. */
function checkTestFile(file: string, source: ScannedSource, say: Say): void {
  for (const { specifier, line } of importsOf(source))
    if (specifier === 'fast-check' && file !== PROPERTY_DOOR) say(line, `imports fast-check; use ${PROPERTY_DOOR}`)
  if (!isTest(file)) return
  for (const [pattern, why] of CHANCE_FORBIDDEN) {
    for (const match of source.code.matchAll(pattern)) say(source.code.slice(0, match.index).split('\n').length, why)
  }
}

/** A path that climbs says nothing: what lies in another layer, or two folders up, is imported by its name. */
function checkPaths(file: string, source: ScannedSource, say: Say): void {
  const home = folders.find((folder) => file.startsWith(folder))
  for (const { specifier, line } of importsOf(source)) {
    if (home === undefined || !specifier?.startsWith('../') || !/\.tsx?$/.test(specifier)) continue
    const target = posix.join(posix.dirname(file), specifier)
    const there = folders.find((folder) => target.startsWith(folder))
    if (there !== undefined && (there !== home || specifier.startsWith('../../')))
      say(line, `imports ${specifier}; by name it is ${nameOf(target)}`)
  }
}

/** What a file imports from the repository, by value, by type or when it is needed. */
const ownImports = (file: string, source: ScannedSource): readonly string[] =>
  importsOf(source).flatMap(({ specifier = '' }) => {
    if (specifier.startsWith('.')) return [posix.join(posix.dirname(file), specifier)]
    return byName(specifier) ?? []
  })

/** Where in the order of its house a file lies; -1 where no room has it. */
function floorOf(file: string, house: string): number {
  const own = file.slice(house.length)
  const fits = ROOMS[house]!.filter((room) => (room.endsWith('/') ? own.startsWith(room) : own === room))
  const room = fits.toSorted((a, b) => b.length - a.length)[0]
  return room === undefined ? -1 : ROOMS[house]!.indexOf(room)
}

/** Inside a house the rooms import downwards only. */
function checkRooms(file: string, source: ScannedSource, say: Say): void {
  const house = Object.keys(ROOMS).find((folder) => file.startsWith(folder))
  if (house === undefined) return
  const floor = floorOf(file, house)
  if (floor < 0) say(1, `lies in no room of ${house}`)
  const against = new Set(AGAINST_THE_ORDER.filter(([from]) => from === file).map(([, target]) => target))
  for (const { specifier = '', line } of importsOf(source)) {
    const target = specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : byName(specifier)
    if (!target?.startsWith(house) || floorOf(target, house) <= floor) continue
    if (!against.delete(target)) say(line, `imports ${target}, which lies above it (build/layers.ts)`)
  }
  for (const target of against) say(1, `does not import ${target} any more: AGAINST_THE_ORDER is too long`)
}

/** Files that need each other are one file in several places: none can be read, tested or moved alone. */
function checkCircles(root: string, files: readonly string[]): LayerFinding[] {
  const product = files.filter((file) => !isTest(file) && LAYERS.some(({ folder }) => file.startsWith(folder)))
  const imports = product.map((file): [string, readonly string[]] => [
    file,
    ownImports(file, scanSource(readFileSync(join(root, file), 'utf8'))),
  ])
  return circlesIn(new Map(imports)).map((circle) => ({
    severity: 'error',
    file: circle[0]!,
    line: 1,
    message: `imports itself in a circle: ${[...circle, circle[0]].join(' -> ')}`,
  }))
}

/** Findings for one file; `file` is relative to `root`, with slashes. */
function checkFile(root: string, file: string): LayerFinding[] {
  const findings: LayerFinding[] = []
  const say: Say = (line, message, severity = 'error') => findings.push({ severity, file, line, message })
  const text = readFileSync(join(root, file), 'utf8')
  const lines = text.split('\n')
  lines.forEach((line, index) => {
    // Written so that this line does not find itself.
    if (/\b(?:TO{1}DO|FIX{1}ME|XX{2})\b/.test(line)) say(index + 1, 'holds a note to finish it later')
  })
  const header = lines.slice(0, 12).join('\n')
  if (lines.length > LONG_FILE_LINES && !isTest(file) && !header.includes(LONG_REASON)) {
    say(1, `has ${lines.length} lines and no reason in its header ("${LONG_REASON} ...")`, 'warning')
  }
  const layer = LAYERS.find(({ folder }) => file.startsWith(folder))
  checkPaths(file, scanSource(text), say)
  if (isTest(file) || layer === undefined) checkTestFile(file, scanSource(text), say)
  if (layer !== undefined && !isTest(file)) checkProductFile(root, file, layer, scanSource(text), say)
  else if (file.startsWith('src-shared/') && !folders.some((folder) => file.startsWith(folder))) {
    say(1, 'lies in a folder that no layer names')
  }
  return findings
}

/** Checks every TypeScript and JavaScript file of the product under `root`. */
export function checkTree(root: string): LayerFinding[] {
  const tops = [...new Set(folders.map((folder) => folder.slice(0, folder.indexOf('/'))))]
  const files = globSync(
    tops.map((top) => `${top}/**/*.{ts,tsx,mts,mjs,js}`),
    { cwd: root },
  )
  const sorted = files.map((file) => file.replaceAll('\\', '/')).sort()
  return [...sorted.flatMap((file) => checkFile(root, file)), ...checkCircles(root, sorted)]
}

if (import.meta.main) {
  const root = resolve(dirname(import.meta.filename), '..')
  const findings = checkTree(root)
  for (const { severity, file, line, message } of findings) {
    console.log(`${severity}: ${relative(process.cwd(), join(root, file))}:${line} ${message}`)
  }
  const errors = findings.filter((finding) => finding.severity === 'error').length
  console.log(errors === 0 ? 'Layers are kept.' : `${errors} layer errors.`)
  if (errors > 0) process.exitCode = 1
}
