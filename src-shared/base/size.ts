// Sizes as people write them. MB and GB are decimal (10^6, 10^9) as on drives and in both specifications; MiB and GiB
// are binary. A number without unit is refused: it would be read differently by everyone.

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/** Bytes of "512 MB", "2GiB", "1.5 GB", "4096 B"; null when it is no size above zero. Fractions round to whole bytes. */
export function parseSize(text: string): number | null {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)\s*([KMGT]i?B|B)$/i.exec(text.trim())
  if (!match) return null
  const bytes = Math.round(Number(match[1]) * UNITS[match[2].toLowerCase()])
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null
}
