// FAT32, our own codec (ADR 0005): build a whole volume as a sparse image, or read and change files of an existing one.
export { buildFat32, type Fat32Spec, type FatFile, type SparseImage } from './build.ts'
export { minimumFat32Size } from './geometry.ts'
export type { FatDevice } from './table.ts'
export { type ByteRange, type FatEntry, type FatVolume, openFat } from './volume.ts'
