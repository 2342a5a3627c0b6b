// A QR code on the screen: dark on light in every theme, because most scanners read nothing else.
import { useMemo } from 'react'
import { qrPath } from '#base/qr-path.ts'

export interface QrCodeProps {
  readonly text: string
  /** Read out for the picture. */
  readonly label: string
  readonly mode?: 'Byte' | 'Alphanumeric'
}

export function QrCode({ text, label, mode }: QrCodeProps) {
  const { side, path } = useMemo(() => qrPath(text, mode), [text, mode])
  return (
    <svg className="qr-code" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={label}>
      <path d={path} shapeRendering="crispEdges" />
    </svg>
  )
}
