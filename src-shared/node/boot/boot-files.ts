// Makes the files of the EFI system partition that a release carries: GRUB with our configuration inside, and the boot
// state of a factory-new disk. Needs Debian's grub-efi-amd64-bin and grub-common when a release is built, never later.
import { createHash } from 'node:crypto'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { utf8 } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { abStateForms } from '#format/ab-state.ts'
import { encodeGoodNote } from '#format/boot-start.ts'
import { factoryFiles } from '#format/boot-state.ts'
import { encodeGrubenv } from '#format/grubenv.ts'
import { EMPTY_RECORDS, encodeSlotRecords } from '#format/slot-record.ts'
import { RESCUE_PAUSE_S } from '#model/boot-decision.ts'
import { ESP_PATH } from '#model/boot-state.ts'
import { SLOTS } from '#model/slot.ts'
import { readBounded, readBoundedText } from '../os/bounded-read.ts'
import type { OutputOptions } from '../os/output-file.ts'
import { writeTree } from '../os/output-tree.ts'
import { requireTool } from '../os/run-tool.ts'
import { makeTar } from './tar.ts'

/** GRUB modules that are built in; the list is explained in docs/adr/0012-grub-configuration.md. */
const MODULES =
  `part_gpt part_msdos fat squash4 ext2 xzio gzio loadenv test echo normal linux configfile search search_fs_uuid
  search_label regexp probe sleep reboot halt minicmd true cat ls serial terminal efi_gop efi_uga all_video hashsum
  gcry_sha256 efifwsetup chain memdisk tar datehook`.split(/\s+/)

const SOURCES = fileURLToPath(new URL('./grub/', import.meta.url))
const GRUB_LIBRARY = '/usr/lib/grub/x86_64-efi'

/** The list of accepted forms of ab_state, as decide.cfg wants it (`twinslot_forms`). */
export const GRUB_FORMS = abStateForms('A')
  .map((_, index) => index)
  .join(' ')

/** Paths on the ESP. */
export const BOOT_LOADER = 'EFI/BOOT/BOOTX64.EFI'
export const BOOT_CONFIG = 'EFI/BOOT/grub.cfg'
/** What GRUB leaves on the disk that it was started from (docs/adr/0034); an environment block of its own. */
const BOOT_MARK = 'twinslot/mark'

export interface GrubOptions {
  /** Replaces grub.cfg inside BOOTX64.EFI: tests drive the same decide.cfg with a configuration of their own. */
  readonly mainConfig?: string
  /** Modules to leave out; only for tests. */
  readonly withoutModules?: readonly string[]
  /** Seconds for which the rescue menu waits; only for tests. */
  readonly rescuePause?: number
  readonly signal?: AbortSignal
}

const source = async (name: string): Promise<string> =>
  (await readBoundedText(join(SOURCES, name))).replaceAll('@FORMS@', GRUB_FORMS)

/** What GRUB sees as (memdisk): the configuration and the digests of every accepted content of ab_state. */
async function memdiskFiles({ mainConfig, rescuePause }: GrubOptions): Promise<Map<string, Uint8Array>> {
  const pause = String(rescuePause ?? RESCUE_PAUSE_S)
  const files = new Map<string, Uint8Array>()
  for (const name of ['grub.cfg', 'decide.cfg', 'recovery.cfg', 'rescue.cfg'])
    files.set(name, utf8((name === 'grub.cfg' && mainConfig) || (await source(name)).replace('@PAUSE@', pause)))
  const digestOf = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  for (const slot of SLOTS) {
    files.set(`forms/good${slot}`, utf8(`${digestOf(encodeGoodNote(slot))}  ${ESP_PATH.good}\n`))
    for (const [index, form] of abStateForms(slot).entries()) {
      files.set(`forms/${slot}${index}`, utf8(`${digestOf(form)}  ${ESP_PATH.ab_state}\n`))
    }
  }
  return files
}

/** BOOTX64.EFI. Throws `tool.missing`, `tool.failed`, `tool.timeout`. */
export async function makeBootLoader(options: GrubOptions = {}): Promise<Uint8Array> {
  await access(join(GRUB_LIBRARY, 'moddep.lst')).catch((cause: unknown) => {
    throw new EngineError('tool.missing', { tool: GRUB_LIBRARY, remedy: 'apt install grub-efi-amd64-bin' }, { cause })
  })
  const scratch = await mkdtemp(join(tmpdir(), 'twinslot-grub-'))
  try {
    const modules = MODULES.filter((name) => !options.withoutModules?.includes(name))
    const [memdisk, output] = [join(scratch, 'memdisk.tar'), join(scratch, 'BOOTX64.EFI')]
    await writeFile(memdisk, makeTar(await memdiskFiles(options)))
    const where = ['-O', 'x86_64-efi', '-d', GRUB_LIBRARY, '-p', '/EFI/BOOT', '-o', output]
    const content = ['-m', memdisk, '-c', join(SOURCES, 'early.cfg'), ...modules]
    await requireTool('grub-mkimage', [...where, ...content], { timeoutMs: 60_000, signal: options.signal })
    return await readBounded(output)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/**
 * All files of the ESP by path, `/` between parts. The configuration beside the boot loader is a copy for people.
 * Throws `tool.missing`, `tool.failed`, `tool.timeout`.
 */
export async function makeBootFiles(options: GrubOptions = {}): Promise<Map<string, Uint8Array>> {
  const state = factoryFiles('A')
  const config = await Promise.all(['grub.cfg', 'decide.cfg'].map(source))
  return new Map<string, Uint8Array>([
    [BOOT_LOADER, await makeBootLoader(options)],
    [BOOT_CONFIG, utf8(config.join('\n'))],
    [ESP_PATH.ab_state, state.ab_state],
    [ESP_PATH.grubenv, state.grubenv],
    [ESP_PATH.grubenv2, state.grubenv2],
    [ESP_PATH.good, state.good],
    [ESP_PATH.slots, encodeSlotRecords(null, EMPTY_RECORDS).bytes],
    [BOOT_MARK, encodeGrubenv(new Map())],
  ])
}

/**
 * Writes makeBootFiles into a directory: a new one appears with all of them or not at all, in one that is there each file
 * is put whole. @throws EngineError `cli.file-exists`, `release.output-failed`, and what makeBootFiles throws
 */
export async function writeBootFiles(outDir: string, options: GrubOptions & OutputOptions = {}): Promise<string[]> {
  const files = await makeBootFiles(options)
  await writeTree(resolve(outDir), files, options)
  return [...files.keys()]
}
