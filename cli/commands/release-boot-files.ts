// release boot-files: the directory for `release create --boot`, made with Debian's GRUB. Needed where releases are made,
// never where disks are provisioned.
import { writeBootFiles } from '#node/boot/boot-files.ts'
import { flag, parseWords, text } from '../args.ts'
import type { Command } from '../commands.ts'

export const run: Command = async ({ argv, output }) => {
  const words = parseWords('release boot-files', argv.slice(2), {
    words: [],
    texts: ['out'],
    flags: ['replace'],
    required: ['out'],
  })
  const out = text(words, 'out') ?? ''
  const files = await writeBootFiles(out, { replace: flag(words, 'replace') })
  output.result(
    { out, files },
    files.map((file) => `${out}/${file}`),
  )
  return 0
}
