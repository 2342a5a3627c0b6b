// Which build of the device's programs this is. Run from the sources it is nobody's build; device/build.ts replaces this
// module in the bundle.

export interface BuildInfo {
  /** Version of the release that the programs travel in; `source` when they run from a checkout. */
  readonly version: string
  /** ISO 8601 UTC; null when they run from a checkout. */
  readonly date: string | null
}

export const buildInfo: BuildInfo = { version: 'source', date: null }
