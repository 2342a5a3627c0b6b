// The product's boot loader without the three seconds in which its menu waits for a key: under emulation they cost a processor,
// and prove nothing where a test is about what comes after them. Everything that decides is the product's. Its own menu is in
// provisioned.test.ts, ext4-slot.test.ts, full-boot.test.ts and e2e/image/build.test.ts.
import { readFile } from 'node:fs/promises'
import { GRUB_FORMS, type GrubOptions } from '#node/boot/boot-files.ts'

const CONFIG = new URL('../../src-shared/node/boot/grub/grub.cfg', import.meta.url)
const WAITS = 'set timeout=3\n'

/** For makeBootFiles and writeBootFiles. */
export async function withoutMenu(): Promise<GrubOptions> {
  const config = (await readFile(CONFIG, 'utf8')).replaceAll('@FORMS@', GRUB_FORMS)
  if (config.split(WAITS).length !== 2) throw new Error(`grub.cfg says "${WAITS.trim()}" no more, or more than once`)
  return { mainConfig: config.replace(WAITS, 'set timeout=0\n') }
}
