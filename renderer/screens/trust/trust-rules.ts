// What the trust list must get right: comparing a fingerprint that somebody dictates, and what is lost with a key. Pure.
import type { ImageView, KeyView, UnitView } from '#contract/views.ts'

const GROUP = 4

/** Ten groups of four; longer fingerprints have more. */
export const groupsOf = (fingerprint: string): readonly string[] => fingerprint.match(/.{1,4}/g) ?? []

export type Comparison =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'so-far'; readonly count: number }
  | { readonly kind: 'equal' }
  | { readonly kind: 'differs'; readonly group: number }
  | { readonly kind: 'too-long' }

/** Spaces, punctuation and case do not matter, nor a 0x in front; every letter does. `group` counts from 1. */
export function compareTyped(fingerprint: string, typed: string): Comparison {
  const letters = typed
    .replace(/[\s:.,_-]/g, '')
    .replace(/^0x/i, '')
    .toUpperCase()
  if (letters === '') return { kind: 'nothing' }
  for (let at = 0; at < Math.min(letters.length, fingerprint.length); at += 1)
    if (letters[at] !== fingerprint[at]) return { kind: 'differs', group: Math.floor(at / GROUP) + 1 }
  if (letters.length > fingerprint.length) return { kind: 'too-long' }
  return letters.length === fingerprint.length ? { kind: 'equal' } : { kind: 'so-far', count: letters.length }
}

export const signedBy = (images: readonly ImageView[], fingerprint: string): readonly ImageView[] =>
  images.filter(({ signer }) => signer?.fingerprint === fingerprint)

export interface Loss {
  readonly images: readonly ImageView[]
  /** Slots on the bench that this key signed. */
  readonly slots: number
  readonly lastKey: boolean
}

export function lossWith(
  fingerprint: string,
  station: {
    readonly images: readonly ImageView[]
    readonly keys: readonly KeyView[]
    readonly units: readonly UnitView[]
  },
): Loss {
  const slots = station.units.flatMap(({ recovery }) => (recovery ? [recovery.slots.A, recovery.slots.B] : []))
  return {
    images: signedBy(station.images, fingerprint),
    slots: slots.filter(({ signer }) => signer === fingerprint).length,
    lastKey: station.keys.every((key) => key.fingerprint === fingerprint),
  }
}

/** Keys that are there now and were not before. */
export const addedKeys = (before: readonly KeyView[], after: readonly KeyView[]): readonly KeyView[] => {
  const known = new Set(before.map(({ fingerprint }) => fingerprint))
  return after.filter(({ fingerprint }) => !known.has(fingerprint))
}

/** The host takes at most this many letters. */
export const ARMORED_LIMIT = 1_000_000

export const looksArmored = (text: string): boolean => text.includes('-----BEGIN PGP ')
