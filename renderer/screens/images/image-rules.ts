// What the library says about an image beyond the image's own facts: order, which one is the newest of its channel, ages. Pure.
import type { ImageView } from '#contract/views.ts'

const DAY_MS = 86_400_000

/** Whole days, never negative: a clock that is a little behind does not make an image come from the future. */
export const daysSince = (at: string, now: Date): number =>
  Math.max(0, Math.floor((now.getTime() - Date.parse(at)) / DAY_MS))

export const isPast = (at: string | null, now: Date): boolean => at !== null && Date.parse(at) <= now.getTime()

/** Products together, the newest release first; what could not be read stands at the end. */
export const inOrder = (images: readonly ImageView[]): readonly ImageView[] =>
  images.toSorted(
    (a, b) =>
      Number(a.product === null) - Number(b.product === null) ||
      (a.product ?? '').localeCompare(b.product ?? '') ||
      (b.counter ?? -1) - (a.counter ?? -1) ||
      a.name.localeCompare(b.name),
  )

export type ChannelNote =
  | { readonly kind: 'newest'; readonly channel: string; readonly days: number }
  | { readonly kind: 'older'; readonly channel: string; readonly newest: string }

/** How the image stands among the usable ones of its product and channel; null when it names no channel or is not usable. */
export function channelNote(image: ImageView, images: readonly ImageView[], now: Date): ChannelNote | null {
  const { channel, product, counter, created } = image
  if (channel === null || counter === null || created === null || image.state === 'bad') return null
  const rivals = images.filter((one) => one.state !== 'bad' && one.product === product && one.channel === channel)
  const newest = rivals.reduce((best, one) => ((one.counter ?? -1) > (best.counter ?? -1) ? one : best), image)
  if ((newest.counter ?? -1) > counter) return { kind: 'older', channel, newest: newest.version ?? newest.name }
  return { kind: 'newest', channel, days: daysSince(created, now) }
}

/** For people: product and version, or the file's name when they are not known. */
export const titleOf = ({ product, version, name }: ImageView): string =>
  product !== null && version !== null ? `${product} ${version}` : name
