// FAT32, our own codec (ADR 0005): build a whole volume as a sparse image, or read and change files of an existing one.
export { buildFat32, type FatFile, type SparseImage } from './build.ts'
export { type FatVolume, openFat } from './volume.ts'
