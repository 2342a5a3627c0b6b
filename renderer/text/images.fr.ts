import { imagesEn } from './images.en.ts'
export const imagesFr: Record<keyof typeof imagesEn, string> = { ...imagesEn }
