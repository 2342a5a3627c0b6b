// The architecture as data: which folder may import which, and what the core must not touch (build/check-layers.ts judges).
// A change here is a change of the architecture and belongs into docs/architecture.md.

export interface Layer {
  /** Path prefix of its files, relative to the repository. */
  readonly folder: string
  /** Other layers that it may import; its own files always. A name with a file part allows only that file. */
  readonly mayImport: readonly string[]
  /** npm packages, by name. */
  readonly packages: readonly string[]
  /** Part of the effect-free core: no node:*, no clock, no randomness. */
  readonly core: boolean
}

const CORE_ORDER = ['base', 'model', 'format', 'trust', 'plan', 'engine'] as const

const CORE_PACKAGES: Readonly<Record<(typeof CORE_ORDER)[number], readonly string[]>> = {
  base: ['@noble/hashes', 'qrcode-generator'],
  model: [],
  format: ['@noble/hashes', 'yaml', 'zod'],
  trust: ['@noble/hashes', 'openpgp'],
  plan: ['@noble/hashes'],
  engine: ['@noble/hashes'],
}

const coreLayers = CORE_ORDER.map(
  (name, index): Layer => ({
    folder: `src-shared/${name}/`,
    mayImport: CORE_ORDER.slice(0, index).map((lower) => `src-shared/${lower}/`),
    packages: CORE_PACKAGES[name],
    core: true,
  }),
)

const coreFolders = coreLayers.map((layer) => layer.folder)
const node = 'src-shared/node/'
const contract = 'src-shared/contract/'

export const LAYERS: readonly Layer[] = [
  ...coreLayers,
  { folder: contract, mayImport: ['src-shared/base/', 'src-shared/model/'], packages: ['zod'], core: true },
  {
    folder: node,
    mayImport: [...coreFolders, contract],
    packages: ['@noble/hashes', 'drivelist', 'openpgp', 'xz-decompress', 'yaml'],
    core: false,
  },
  {
    folder: 'host/',
    mayImport: [...coreFolders, contract, node],
    packages: ['ws', 'yaml', 'zod'],
    core: false,
  },
  { folder: 'cli/', mayImport: [...coreFolders, contract, node], packages: ['yaml'], core: false },
  { folder: 'device/', mayImport: [...coreFolders, contract, node], packages: ['rolldown', 'yaml'], core: false },
  { folder: 'server/', mayImport: [...coreFolders, contract, node], packages: [], core: false },
  {
    folder: 'electron/',
    // The native box says what the page says: one catalogue for both. Pure modules only; the page itself is never loaded here.
    mayImport: [...coreFolders, contract, node, 'host/', 'renderer/text/sentences.ts', 'renderer/text/translate.ts'],
    packages: ['electron'],
    core: false,
  },
  {
    folder: 'renderer/',
    mayImport: ['src-shared/base/', 'src-shared/model/', contract, 'src-shared/plan/describe.ts'],
    packages: ['intl-messageformat', 'react', 'react-aria-components', 'react-dom', 'zustand'],
    core: false,
  },
]

/**
 * The order inside a house, from the ground up: a room (or a file that is named) imports from those before it only. Every file of the
 * house lies in one; the longest name counts.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  [node]: [
    'os/',
    'terminal/',
    'boot/',
    'http/',
    'codec/',
    'disk/',
    'filesystem/',
    'config/',
    'release/',
    'job/',
    'recipe/',
  ],
  'host/': [
    ...['host-log.ts', 'source-commit.ts', 'window-words.ts', 'problem.ts', 'tokens.ts'],
    ...['runner/', 'runner-client.ts', 'runner-command.ts', 'elevation.ts'],
    ...[
      'ports.ts',
      'host-paths.ts',
      'settings.ts',
      'files.ts',
      'checks.ts',
      'dispatch.ts',
      'web/sessions.ts',
      'web/lines.ts',
      'consent.ts',
    ],
    ...['bench/', 'library/', 'config/', 'reports/', 'jobs/', 'recovery/', 'diagnostics/'],
    ...['console.ts', 'one-console.ts', 'web/'],
  ],
  'device/': [
    ...['ports.ts', 'build-info.ts', 'paths.ts', 'run-facts.ts', 'config-files.ts', 'settings.ts', 'settings-check.ts'],
    ...['settings-write.ts', 'program.ts', 'reboot.ts'],
    ...['own-disk/', 'update/', 'gate/', 'agent/', 'release-fetcher.ts'],
    // The four programs put the parts together.
    ...['update/cycle-deps.ts', 'gate/health-gate.ts', 'update/osiris-update.ts', 'update/hypernet-admin.ts'],
    ...['agent/twinslot-agent.ts', 'compose.ts', 'main.ts', 'bin/', 'build.ts', 'systemd/', 'image/'],
  ],
}

/** Imports against that order which are still there. One that is gone must leave this list, too. */
export const AGAINST_THE_ORDER: readonly (readonly [file: string, imports: string])[] = [
  ['src-shared/node/config/read-config.ts', 'src-shared/node/job/station.ts'],
]

/** Folders that build, test and measure the product: they may import anything, and nothing in the product imports them. */
export const AROUND_THE_PRODUCT: readonly string[] = ['src-shared/testing/', 'build/', 'e2e/', 'bench/']

/** Node's own modules are allowed in these layers only. */
export const NODE_ALLOWED: readonly string[] = [node, 'host/', 'cli/', 'device/', 'server/', 'electron/']

/** What the core must not mention, because its answer would depend on when and where it runs. */
export const CORE_FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\bDate\s*\.\s*now\b/g, 'reads the clock (Date.now); the time is an argument'],
  [/\bnew\s+Date\s*(?:\(\s*\)|(?![\s(<]))/g, 'reads the clock (new Date()); the time is an argument'],
  [/(?<!new\s+)(?<![.\w])Date\s*\(/g, 'reads the clock (Date()); the time is an argument'],
  [/\bMath\s*\.\s*random\b/g, 'is random (Math.random); derive it from the seed in the request'],
  [/\bperformance\s*\.\s*now\b/g, 'reads the clock (performance.now); the time is an argument'],
  [/\bcrypto\s*\.\s*(?:getRandomValues|randomUUID)\b/g, 'is random (crypto); derive it from the seed in the request'],
]

/** A file longer than this says why in its header, with the words of LONG_REASON. */
export const LONG_FILE_LINES = 400
export const LONG_REASON = 'Long because'

/** The only file that may import fast-check: it sets the seed. */
export const PROPERTY_DOOR = 'src-shared/testing/property.ts'

/** What a test must not do, because the same code would pass today and fail tomorrow. */
export const CHANCE_FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\bMath\s*\.\s*random\b/g, 'leaves something to chance (Math.random); use src-shared/testing/random.ts'],
  [
    /\b(?:randomBytes|randomUUID|randomInt|randomFillSync|getRandomValues)\s*\(/g,
    'leaves something to chance; use src-shared/testing/random.ts',
  ],
]

/**
 * What reads text of others recurses and allocates as that text says. Each parser has one door, which counts first; the last
 * entry names the files that may hold it.
 */
export const UNBOUNDED: readonly (readonly [RegExp, string, readonly string[]])[] = [
  [
    /\bJSON\s*\.\s*parse\b/g,
    'parses JSON unbounded; use src-shared/format/bounded-json.ts',
    // The package's own description, and what our own host sends to the page.
    ['src-shared/format/bounded-json.ts', 'cli/main.ts', 'renderer/transport/socket.ts'],
  ],
  [
    /\bparse(?:Document|AllDocuments)\s*\(/g,
    'parses YAML unbounded; use src-shared/format/yaml-tree.ts',
    ['src-shared/format/yaml-tree.ts'],
  ],
  [
    /\bmkdir\s*\([^)]*\brecursive\b/g,
    'makes folders by a call that never ends below /proc; use src-shared/node/os/make-folder.ts',
    [],
  ],
  [
    /\b(?:readFile|readFileSync|createReadStream)\s*\(/g,
    'reads a file of any size; use src-shared/node/os/bounded-read.ts',
    // The package's own description; images, of which no more than a piece is kept; a file in a squashfs or ext4 image, which has a limit.
    [
      'cli/main.ts',
      'src-shared/node/release/image-input.ts',
      'src-shared/format/squashfs.ts',
      'src-shared/format/ext4-file.ts',
      'src-shared/format/slot-image.ts',
    ],
  ],
]
