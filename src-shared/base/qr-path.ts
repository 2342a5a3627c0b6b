// QR codes as one SVG path of unit squares, with the quiet zone that scanners need. Used on labels and on the screen alike.
import qrcode from 'qrcode-generator'

export interface QrPath {
  /** Side of the whole picture in modules, quiet zone included. */
  readonly side: number
  /** `d` of a path in a view box of that side. */
  readonly path: string
}

const QUIET = 4

/** Error correction "M" survives a scratched label. `Alphanumeric` takes capitals, digits and ` $%*+-./:` and is smaller. */
export function qrPath(text: string, mode: 'Byte' | 'Alphanumeric' = 'Byte'): QrPath {
  const code = qrcode(0, 'M')
  code.addData(text, mode)
  code.make()
  const count = code.getModuleCount()
  let path = ''
  for (let row = 0; row < count; row++)
    for (let column = 0; column < count; column++)
      if (code.isDark(row, column)) path += `M${column + QUIET} ${row + QUIET}h1v1h-1z`
  return { side: count + 2 * QUIET, path }
}
