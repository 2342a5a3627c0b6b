import { imagesEn } from './images.en.ts'
export const imagesEs: Record<keyof typeof imagesEn, string> = { ...imagesEn }
