import { imagesEn } from './images.en.ts'
export const imagesAr: Record<keyof typeof imagesEn, string> = { ...imagesEn }
