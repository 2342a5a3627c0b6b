// Names that come from a server and end up in file names, addresses and messages: what they may consist of.

/** Versions of releases and updates: at most 50 characters, nothing that means something in a path. */
export const isVersionName = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._+~-]{0,49}$/.test(value)

/** Ids of updates, rollouts and orders, such as `fleet::<uuid>::<site>-AA:BB:CC:DD:EE:FF`. */
export const isFleetId = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w:.-]{1,200}$/.test(value) && !isDots(value)

/** They would name another folder of the server. */
const isDots = (value: string): boolean => value === '.' || value === '..'

export const FLEET_NAME_FORM = '1 to 200 characters without control characters, and not . or ..'

/** Names of sites and appliances, in any script; addresses and headers carry them encoded. */
export const isFleetName = (value: string): boolean =>
  value.length > 0 && value.length <= 200 && value.isWellFormed() && !/\p{Cc}/u.test(value) && !isDots(value)

export const API_KEY_FORM = 'at most 512 printable characters without spaces'

/** What goes into the header as it is; asked of config.yaml, and of a new key before the old one is given up. */
export const isApiKey = (value: string): boolean => /^[\x21-\x7e]{1,512}$/.test(value)

export const isSha256Hex = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value)

/** Bytes of a release: positive, and no larger than any disk. */
export const isReleaseSize = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= 2 ** 44
