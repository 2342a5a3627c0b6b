// What a build is asked for, and what it answers.
import type { BuildConfig } from '#format/build-config.ts'
import type { Layout } from '#model/layout.ts'
import type { SigningKey } from '#trust/sign.ts'

export interface BuildOptions {
  readonly config: BuildConfig
  /** Folder that paths in the recipe are relative to. */
  readonly folder: string
  /** SHA-256 of the recipe's bytes, for the report. */
  readonly configDigest: string
  /** Folder that will hold everything; must be new or empty. */
  readonly out: string
  readonly key: SigningKey
  /** Bytes of a slot. */
  readonly slotSize: number
  /** Layout of the disks that it is for; null when only a slot size is known. */
  readonly layout?: Layout | null
  /** Time of everything in the image and of the signatures. */
  readonly created: Date
  readonly mirror?: string | null
  /** Tree of the device's programs, as device/build.ts makes it. */
  readonly programs?: string | null
  /** Folder or image with the boot files, for the bundle. */
  readonly boot?: string | null
  readonly signal?: AbortSignal
  readonly onStep?: (step: number, title: string, state: 'started' | 'done') => void
}

export interface BuiltImage {
  /** Names in the output folder. */
  readonly image: string
  readonly bundle: string
  readonly size: number
  readonly sha256: string
  /** Digest of the manifest: what "this release" means. */
  readonly digest: string
  readonly signer: string
  readonly packages: readonly string[]
  readonly sourceDateEpoch: number
}
