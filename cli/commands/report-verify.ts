// report verify: is this certificate as the station signed it? Tells what it says only when it is.
import { basename } from 'node:path'
import { formatBytes } from '#base/bytes.ts'
import { CERTIFICATE_LIMIT, checkCertificate } from '#node/job/certificate-check.ts'
import { systemClock } from '#node/job/station.ts'
import { readWordFile } from '#node/os/word-file.ts'
import { MAX_SIGNATURE_TEXT } from '#trust/signature.ts'
import { parseWords, text } from '../args.ts'
import type { Command } from '../commands.ts'
import { readTrust } from '../release.ts'

export const run: Command = async (context) => {
  const words = parseWords('report verify', context.argv.slice(2), {
    words: ['CERT'],
    texts: ['trust', 'signature'],
    required: ['trust'],
  })
  const [path] = words.positionals
  const trusted = await readTrust(words)
  const bytes = await readWordFile(path, CERTIFICATE_LIMIT)
  const signature = await readWordFile(text(words, 'signature') ?? `${path}.asc`, MAX_SIGNATURE_TEXT)
  const checked = await checkCertificate(basename(path), bytes, signature, trusted, systemClock.now())
  const { certificate, signer } = checked
  const { id, outcome, job, drive, time, image, operator, complete } = certificate
  context.output.result(
    {
      valid: true,
      id,
      outcome,
      drive: { serial: drive.serial, model: drive.model, size: drive.size },
      image: image && { product: image.product, version: image.version, digest: image.digest },
      readBackSha256: complete.verify_sha256,
      endedAt: time.endedAt,
      operator,
      signer,
    },
    [
      `${basename(path)}: as the station signed it`,
      `  ${job.title}: ${outcome}`,
      `  drive ${drive.serial ?? 'without serial'}, ${drive.model ?? 'unknown model'}, ${formatBytes(drive.size)}`,
      ...(image ? [`  image ${image.product ?? ''} ${image.version ?? ''}, release ${image.digest}`] : []),
      ...(complete.verify_sha256 === null ? [] : [`  read back sha256 ${complete.verify_sha256}`]),
      `  ended ${time.endedAt}, by ${operator ?? 'nobody named'}`,
      `signed by ${signer.userId ?? 'a key without user id'}`,
      `  fingerprint ${signer.fingerprint}`,
      `  at ${signer.signedAt}`,
    ],
  )
  return 0
}
