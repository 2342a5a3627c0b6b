// What the words for a window are judged by, in all languages.

/** What no window shows: programs of the appliance, of the build and of the terminal; a window gives no seed, and lists each disk once. */
export const NOT_IN_A_WINDOW =
  /^(?:(?:gate|update|agent|recipe|order|cli)\.(?!bug$)|plan\.seed-|slot\.not-this-release$|disk\.named-twice$)/

/** A command or an option to type. */
export const COMMAND =
  /(?:^|[\s"(])--[a-z]|\btwinslot [a-z]+|\bnpm run\b|\bgpg |\bsgdisk\b|\bsystemctl\b|\b(?:xz|zstd|gzip) -t|sha256sum IMAGE/
