// The recipe of a system image (docs/format/build-config.md): build-config.yaml -> BuildConfig. Every complaint names line,
// column and key. All values are read as text, so that version 3.10 stays 3.10. No aliases, anchors or tags.
import { isMap, isScalar, type Node } from 'yaml'
import { z } from 'zod'
import { fromUtf8, KIB } from '#base/bytes.ts'
import { type Finding, finding } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { parseSize } from '#base/size.ts'
import { isIsoTime } from '#model/iso-time.ts'
import { isVersion } from '#model/version.ts'
import { describeNode, parseYamlTree, shortened, type YamlPlace, type YamlTree } from './yaml-tree.ts'

export const BUILD_CONFIG_LIMIT = 64 * KIB
const NESTING_LIMIT = 16

/** `base_os` without "-server" or "-minimal": the name by which package sources call it. */
export const BASES = {
  'debian-11': { distribution: 'debian', suite: 'bullseye' },
  'debian-12': { distribution: 'debian', suite: 'bookworm' },
  'debian-13': { distribution: 'debian', suite: 'trixie' },
  'ubuntu-22.04': { distribution: 'ubuntu', suite: 'jammy' },
  'ubuntu-24.04': { distribution: 'ubuntu', suite: 'noble' },
} as const

const text = (expected: string) => z.string(expected)
const matching = (pattern: RegExp, expected: string) => text(expected).regex(pattern, expected)
const word = matching(/^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}$/, 'a word of letters, digits and ". _ + -"')
const version = text('a version').refine(isVersion, 'a version like 1.0.44 or 2.0-rc.1')
const yesNo = z.enum(['true', 'false'], 'true or false').transform((value) => value === 'true')
const packageName = matching(
  /^[a-z0-9][a-z0-9.+-]+(?:=[0-9A-Za-z][0-9A-Za-z.+:~-]*)?$/,
  'a package name, optionally with =version',
)
const requirement = matching(
  /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[A-Za-z0-9._,-]+\])?==[0-9A-Za-z][0-9A-Za-z.+!_-]*$/,
  'a pinned Python package like name==1.2.3',
)
const imagePath = matching(/^\/(?!.*(?:^|\/)\.\.?(?:\/|$))[^\0\n]*$/, 'an absolute path in the image without ".."')
const filePath = matching(/^[^\0\n]{1,1024}$/, 'a path')
const size = text('a size with unit such as "2 GB"').transform((value, context) => {
  const bytes = parseSize(value)
  if (bytes === null) context.addIssue('a size with unit such as "2 GB"')
  return bytes ?? 0
})
const whole = matching(/^\d{1,9}$/, 'a whole number').transform(Number)
const seconds = matching(/^[1-9]\d{0,3} ?s?$/, 'seconds such as 30 or 30s').transform((value) =>
  Number.parseInt(value, 10),
)
const LIST = 'a list'
const list = <T extends z.ZodType>(item: T) => z.array(item, LIST).max(1000, 'a list of at most 1000').default([])
const base = text('a base')
  .refine((value) => Object.hasOwn(BASES, plainBase(value)), `one of ${Object.keys(BASES).join(', ')}`)
  .transform((name) => ({ name, ...BASES[plainBase(name) as keyof typeof BASES] }))

const schema = z
  .strictObject(
    {
      base_os: base,
      product: word.optional(),
      version: version.optional(),
      hypernet_version: version.optional(),
      python_version: matching(/^3\.\d{1,2}$/, 'a version like 3.11').optional(),
      packages: list(packageName),
      hypernet_dependencies: list(requirement),
      wheels: filePath.optional(),
      application: list(
        z.strictObject(
          {
            from: filePath,
            to: imagePath,
            mode: matching(/^0?[0-7]{3}$/, 'rights in octal such as 0755')
              .transform((value) => Number.parseInt(value, 8))
              .optional(),
          },
          'a map with from and to',
        ),
      ),
      device_programs: yesNo.default(false),
      tests: list(
        z.strictObject(
          {
            name: matching(/^[^\p{C}]{1,80}$/u, 'a name of 1 to 80 characters'),
            run: matching(/^[^\0]{1,4096}$/, 'a shell command'),
            timeout: seconds.default(60),
          },
          'a map with name and run',
        ),
      ),
      kernel: z
        .strictObject(
          {
            package: packageName.optional(),
            drivers: list(matching(/^[A-Za-z0-9_-]{1,64}$/, 'the name of a kernel module')),
            modules: z.enum(['all', 'initrd'], 'all or initrd').default('all'),
          },
          'a map with package, drivers or modules',
        )
        .prefault({}),
      filesystem: z.enum(['squashfs', 'ext4'], 'squashfs or ext4').default('squashfs'),
      compression: z.enum(['xz', 'gzip'], 'xz or gzip').default('xz'),
      layout: filePath.optional(),
      slot_size: size.optional(),
      channel: word.default('stable'),
      counter: whole.default(1),
      minimum_version: version.optional(),
      hardware: list(text('a product name')),
      expires: text('a date').optional(),
      created: text('a time').refine(isIsoTime, 'a time like 2026-11-22T04:00:00Z').optional(),
    },
    'a map',
  )
  .transform(({ hypernet_version, product, version: named, ...rest }) => ({
    ...rest,
    product: product ?? 'hypernet',
    version: named ?? hypernet_version ?? '',
  }))

/** A recipe; keys as in the file, `product` and `version` also from `hypernet_version`. */
export type BuildConfig = Readonly<z.infer<typeof schema>>

const plainBase = (name: string): string => name.replace(/-(?:server|minimal)$/, '')

const KEYS_OF: Readonly<Record<string, string>> = {
  '': 'base_os, product, version, hypernet_version, python_version, packages, hypernet_dependencies, wheels, application, device_programs, tests, kernel, filesystem, compression, layout, slot_size, channel, counter, minimum_version, hardware, expires, created',
  application: 'from, to, mode',
  tests: 'name, run, timeout',
  kernel: 'package, drivers, modules',
}

/**
 * Reads a recipe. Refusals: `recipe.yaml-syntax`, `recipe.unknown-key`, `recipe.missing-key`, `recipe.invalid`, each with
 * the line; all of them at once.
 */
export function parseBuildConfig(bytes: Uint8Array): Result<BuildConfig> {
  const top = { line: 1, column: 1 }
  const syntax = (place: YamlPlace, reason: string) => refuse(finding('recipe.yaml-syntax', { ...place, reason }))
  if (bytes.length > BUILD_CONFIG_LIMIT) return syntax(top, `it has more than ${BUILD_CONFIG_LIMIT} bytes`)
  const source = fromUtf8(bytes)
  if (source === null) return syntax(top, 'the file is not UTF-8 text')
  const yaml = parseYamlTree(source, { schema: 'failsafe', maxDepth: NESTING_LIMIT })
  if (!yaml.ok) {
    const { problem } = yaml
    return syntax(
      problem.place,
      problem.kind === 'feature' ? `${problem.found} is not allowed in a recipe` : problem.reason,
    )
  }
  const parsed = schema.safeParse(yaml.tree.plain() ?? {})
  if (!parsed.success) return refuse(...parsed.error.issues.flatMap((issue) => findingsOf(issue, yaml.tree)))
  const config = parsed.data
  if (config.version === '') return refuse(finding('recipe.missing-key', { ...top, key: 'version' }))
  return ok(config)
}

function findingsOf(issue: z.core.$ZodIssue, { nodeAt, at }: YamlTree): Finding[] {
  const node = nodeAt(issue.path)
  const key = issue.path.reduce<string>(
    (all, part) => (typeof part === 'number' ? `${all}[${part}]` : all ? `${all}.${String(part)}` : String(part)),
    '',
  )
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => {
      const pair = isMap(node)
        ? node.items.find(({ key: found }) => isScalar(found) && found.value === name)
        : undefined
      const place = at(isScalar(pair?.key) ? pair.key : node)
      const expected = KEYS_OF[String(issue.path[0] ?? '')]
      return finding('recipe.unknown-key', { ...place, key: shortened(name), expected })
    })
  if (node === null && issue.code !== 'custom') {
    const parent = nodeAt(issue.path.slice(0, -1))
    return [finding('recipe.missing-key', { ...at(parent), key })]
  }
  return [
    finding('recipe.invalid', {
      ...at(node),
      key: key || 'the file',
      expected: issue.message,
      found: isEmptyText(node) ? 'empty' : describeNode(node, 'empty'),
    }),
  ]
}

const isEmptyText = (node: Node | null): boolean => isScalar(node) && node.value === ''
