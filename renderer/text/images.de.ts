import { imagesEn } from './images.en.ts'
export const imagesDe: Record<keyof typeof imagesEn, string> = { ...imagesEn }
