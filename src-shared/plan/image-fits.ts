// Does a system image belong on this disk? What it says of itself against the layout that is made, or against the partitions
// that are there, and against the manifest that carries it. Asked when an image is built, when a release is made or checked,
// when a disk is provisioned and when a slot is written. Pure.
import { type Finding, finding } from '#base/errors.ts'
import { diskOf, type ImageDisk, type ImageFacts } from '#model/image-facts.ts'
import type { Layout } from '#model/layout.ts'
import type { Manifest } from '#model/manifest.ts'
import type { DiskObservation } from '#model/observation.ts'
import type { ReleaseFacts } from '#model/plan.ts'
import type { ReleaseClaims } from '#trust/release-rules.ts'
import { printable } from './common.ts'

const list = (words: readonly string[]): string => (words.length > 0 ? words.join(', ') : 'none')
const said = (disk: string, what: string, image: ImageDisk, found: string, expected: string): Finding =>
  finding('image.layout-mismatch', { image: `the layout ${image.layout}`, what, found, disk, expected })

/**
 * What the image says of itself is what the manifest says of it: `image.facts-differ`. A counter of 0 is none, so that an
 * image without one contradicts nothing.
 */
export function factsDiffer(
  said: Pick<ImageFacts, 'product' | 'version' | 'counter' | 'hardware'>,
  manifest: Pick<Manifest, 'product' | 'version' | 'counter' | 'hardware'>,
): Finding[] {
  const any = (words: readonly string[]) => [...words].sort().join(', ') || 'any'
  const rows = [
    ['product', said.product, manifest.product],
    ['version', said.version, manifest.version],
    ['release counter', said.counter || manifest.counter, manifest.counter],
    ['hardware', any(said.hardware), any(manifest.hardware)],
  ] as const
  return rows.flatMap(([what, found, expected]) =>
    found === expected ? [] : [finding('image.facts-differ', { what, expected, found })],
  )
}

/** Product and hardware that the layout is for: `release.wrong-product`, `release.wrong-hardware`. */
export function checkWanted(
  { product, hardware }: Pick<ReleaseClaims, 'product' | 'hardware'>,
  layout: Layout,
): Finding[] {
  const findings: Finding[] = []
  if (layout.product !== undefined && product !== null && product !== layout.product)
    findings.push(finding('release.wrong-product', { expected: layout.product, found: product }))
  const wanted = layout.hardware
  if (wanted && hardware.length > 0 && !hardware.some((name) => wanted.includes(name)))
    findings.push(finding('release.wrong-hardware', { expected: list(wanted), found: list(hardware) }))
  return findings
}

/** The image's word against the layout: `image.layout-mismatch`. An image that says nothing is not asked. */
export const checkImageFor = ({ imageDisk }: Pick<ReleaseFacts, 'imageDisk'>, layout: Layout): Finding[] =>
  imageDisk ? checkDisk(imageDisk, layout) : []

export function checkDisk(image: ImageDisk, layout: Layout): Finding[] {
  const disk = `the layout ${layout.name}`
  const findings: Finding[] = []
  const differ = (what: string, found: string, expected: string) => {
    if (found !== expected) findings.push(said(disk, what, image, found, expected))
  }
  const wanted = diskOf(layout, image.filesystems)
  if (!wanted) return [said(disk, 'the state folder', image, image.stateDir, 'no data partition with a mount point')]
  for (const { name, mount, filesystem } of layout.partitions)
    if (mount !== undefined && filesystem !== 'none' && !image.filesystems.includes(filesystem))
      findings.push(
        said(disk, 'drivers for the file systems', image, list(image.filesystems), `${filesystem} on ${name}`),
      )
  const text = ({ partition, path, filesystem, encryption }: ImageDisk['mounts'][number]) =>
    `${partition} (${filesystem}${encryption ? ` in ${encryption}` : ''}) at ${path}`
  const mounts = (each: ImageDisk) => each.mounts.map(text).sort()
  const [ours, theirs] = [mounts(image), mounts(wanted)]
  differ(
    'the mounts',
    list(ours.filter((row) => !theirs.includes(row))),
    list(theirs.filter((row) => !ours.includes(row))),
  )
  differ('the state folder', image.stateDir, wanted.stateDir)
  const config = ({ config: { partition, bound }, configDir }: ImageDisk) =>
    `${configDir} ${bound === null ? `on ${partition}` : `from ${bound}`}`
  differ('the configuration folder', config(image), config(wanted))
  return findings
}

/** The image's word against the partitions of a disk that stays: each that it mounts must be there, by its name. */
export function checkImageOnDisk(
  { imageDisk }: Pick<ReleaseFacts, 'imageDisk'>,
  { table, disk }: DiskObservation,
): Finding[] {
  if (!imageDisk || !table) return []
  const there = table.entries.map(({ name }) => name)
  const missing = imageDisk.mounts
    .filter(({ partition }) => !there.includes(partition))
    .map(({ partition }) => partition)
  if (missing.length === 0) return []
  const expected = list(there.map(printable))
  return [said(`the disk ${disk.path}`, 'partitions to mount', imageDisk, list(missing), expected)]
}
