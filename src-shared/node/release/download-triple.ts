// The specification's three files, X.img (or X.iso), X.img.sha256 and X.img.asc, brought from a server into one folder. The
// two small ones come first: without them the image is not worth its time. Nothing is believed here; openRelease does that.
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { MAX_SHA256SUM_SIZE, sha256For } from '#format/sha256sum.ts'
import { MAX_SIGNATURE_TEXT } from '#trust/signature.ts'
import { type Downloaded, type DownloadOptions, downloadFile } from '../http/download-file.ts'
import { readSmallFile } from '../os/file-source.ts'

export interface TripleOptions extends Omit<DownloadOptions, 'path'> {
  readonly folder: string
}

/** The same URL with something behind its path; a query (a token, say) stays. */
function beside(url: string, suffix: string): string {
  const parsed = URL.parse(url)
  if (!parsed) throw new EngineError('download.bad-url', { url: 'The address', reason: 'it is not an absolute URL' })
  parsed.pathname += suffix
  return parsed.href
}

/** Last part of the URL's path, which must be a plain file name. */
export function fileNameOf(url: string): string {
  const name = /[^/]*$/.exec(URL.parse(url)?.pathname ?? '')?.[0] ?? ''
  if (/^[A-Za-z0-9_][A-Za-z0-9._+~-]*$/.test(name)) return name
  throw new EngineError('download.bad-url', {
    url: 'The address',
    reason: 'its path does not end in a plain file name',
  })
}

/**
 * Downloads, or continues. `sha256` is the channel's claim: when it is given, the checksum file must say the same.
 * @throws EngineError what downloadFile throws, `download.checksum-mismatch` also for a checksum file that contradicts the
 * claim, `format.*` for one that is none
 */
export async function downloadTriple(options: TripleOptions): Promise<Downloaded> {
  const { url, folder, fetcher, sha256 } = options
  const name = fileNameOf(url)
  const path = join(folder, name)
  const small = { ...options, sizeBytes: null, sha256: null, onProgress: undefined }
  for (const [suffix, maxBytes] of [
    ['.sha256', MAX_SHA256SUM_SIZE],
    ['.asc', MAX_SIGNATURE_TEXT],
  ] as const)
    await downloadFile({ ...small, url: beside(url, suffix), path: path + suffix, maxBytes })
  const listed = sha256For((await readSmallFile(`${path}.sha256`, MAX_SHA256SUM_SIZE)) ?? new Uint8Array(0), name)
  if (sha256 !== null && listed !== sha256) {
    const shown = fetcher.shown(beside(url, '.sha256'))
    throw new EngineError('download.checksum-mismatch', {
      url: shown,
      expected: sha256,
      found: `${listed} (as listed)`,
    })
  }
  return await downloadFile({ ...options, path, sha256: listed })
}
