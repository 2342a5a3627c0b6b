// The doctor's steps on boot files: the state files written anew, signed boot files put back, a bad slot that is intact
// armed again. Each file changes whole or not at all, and is read back.
import { sha256 } from '@noble/hashes/sha2.js'
import { equalBytes, toHex } from '#base/bytes.ts'
import { EngineError, isEngineError } from '#base/errors.ts'
import { encodeGoodNote, usedBlocks } from '#format/boot-start.ts'
import { abStateOf, encodeBootEnv } from '#format/boot-state.ts'
import { armTrial, type BootFile, type BootState, ESP_PATH } from '#model/boot-state.ts'
import type { Extent } from '#model/observation.ts'
import type { EspFile, Step } from '#model/plan.ts'
import type { Slot } from '#model/slot.ts'
import { applyTransition, readStateFiles, replaceFile } from '../boot-files.ts'
import type { BlockCodec } from '../copy/ports.ts'
import type { ImageSource } from '../image-source.ts'
import type { Evidence } from '../ports.ts'
import { espOf } from './boot.ts'
import type { StepContext } from './context.ts'
import { signedFiles } from './esp.ts'
import { checkSlot } from './slot.ts'

type StepOf<T extends Step['type']> = Extract<Step, { type: T }>

/** Variables of others in a readable block are kept; `ab_state` gets its one exact form. */
export async function rewriteBootState(
  { esp, files, state }: StepOf<'rewrite-boot-state'>,
  context: Pick<StepContext, 'device'>,
): Promise<Evidence> {
  const volume = await espOf(esp, context)
  const before = await readStateFiles(volume)
  const [used] = usedBlocks(before).names
  const readable = used ? before[used] : null
  const contentOf = (file: BootFile) =>
    file === 'ab_state'
      ? abStateOf(state)
      : file === 'good'
        ? encodeGoodNote(state.good)
        : encodeBootEnv(state, readable)
  for (const file of files) await replaceFile(volume, ESP_PATH[file], contentOf(file))
  return { files: files.map((file) => `/${ESP_PATH[file]}`).join(', '), wanted: state.wanted, good: state.good }
}

/** The signed boot files of a release. @throws EngineError `plan.boot-files-too-large`, `boot.no-loader`, `fat.*` */
export async function bootFilesOf(source: ImageSource, codec: BlockCodec): Promise<readonly EspFile[]> {
  const files = await signedFiles(source, codec, Number.MAX_SAFE_INTEGER)
  return files.map(({ path, bytes }) => ({ path, size: bytes.length, sha256: toHex(sha256(bytes)) }))
}

/** @throws EngineError `plan.changed` when the release does not hold what was planned, `boot.write-differs`, `fat.*` */
export async function putBootFiles(
  step: StepOf<'put-boot-files'>,
  context: Pick<StepContext, 'device' | 'plan' | 'boot' | 'codec'>,
): Promise<Evidence> {
  const source = context.boot?.image('esp')
  if (!source)
    throw new EngineError('plan.no-boot-files', { release: context.plan.boot?.digest.slice(0, 16) ?? 'none' })
  const volume = await espOf(step.esp, context)
  const signed = new Map(
    (await signedFiles(source, context.codec, step.esp.length)).map((file) => [file.path, file.bytes]),
  )
  for (const { path, sha256: expected } of step.files) {
    const bytes = signed.get(path)
    const found = bytes ? toHex(sha256(bytes)) : 'nothing'
    if (!bytes || found !== expected)
      throw new EngineError('plan.changed', { expected: expected.slice(0, 16), found: found.slice(0, 16) })
    // Never in place: the old file stays whole until the new one is.
    await volume.put(path, bytes, new Date(context.plan.request.at))
    if (!equalBytes(await volume.read(path), bytes)) throw new EngineError('boot.write-differs', { file: `/${path}` })
  }
  return { files: step.files.map(({ path }) => `/${path}`).join(', ') }
}

/**
 * Nothing is written unless a slot still is what was recorded when it was written.
 * @throws EngineError `repair.no-intact-slot`
 */
export async function reviveSlot(step: StepOf<'revive-slot'>, context: StepContext): Promise<Evidence> {
  const reasons: string[] = []
  const total = step.slots.reduce((sum, { size }) => sum + size, 0)
  let before = 0
  for (const each of step.slots) {
    const progress: StepContext['progress'] = (phase, done) => context.progress(phase, before + done, total)
    try {
      await checkSlot({ type: 'check-slot', ...each }, { ...context, progress })
    } catch (error) {
      if (!isEngineError(error) || !/^(slot|image)\.|^disk\.read-failed$/.test(error.code)) throw error
      reasons.push(`${each.slot}: ${error.message}`)
      before += each.size
      continue
    }
    const after = await reviveIn(step.esp, each.slot, context)
    return { slot: each.slot, sha256: each.sha256, triesLeft: after.left, passedOver: reasons.join(' ') || null }
  }
  throw new EngineError('repair.no-intact-slot', { found: reasons.join(' ') })
}

/** The writing part of it: the slot boots next, as a trial. */
export const reviveIn = async (esp: Extent, slot: Slot, context: Pick<StepContext, 'device'>): Promise<BootState> =>
  await applyTransition(await espOf(esp, context), (state) => armTrial(state, slot))
