// A QR code's path (unit squares) as a grey picture (PGM) that a foreign scanner reads.
import type { QrPath } from '#base/qr-path.ts'

const SCALE = 6

export function drawPath({ side, path }: QrPath): Buffer {
  const pixels = Buffer.alloc((side * SCALE) ** 2, 255)
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let dy = 0; dy < SCALE; dy++) {
      const start = (Number(y) * SCALE + dy) * side * SCALE + Number(x) * SCALE
      pixels.fill(0, start, start + SCALE)
    }
  return Buffer.concat([Buffer.from(`P5 ${side * SCALE} ${side * SCALE} 255\n`), pixels])
}
