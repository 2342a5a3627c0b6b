// One runner session: reads requests from its line stream, looks, plans, waits for the go-ahead, applies, answers. It is never
// handed a plan, and starts only those that it made itself (units.ts). Everything that comes in is checked with the contract's
// schemas; the first thing that does not fit ends the session: what is written stops at its next safe point, nothing else begins.
import { isEngineError } from '#base/errors.ts'
import type { FromRunner, ToRunner } from '#contract/runner.ts'
import { observeDisk } from '#engine/observe.ts'
import { SLOTS, type Slot } from '#model/slot.ts'
import { readConfigOf } from '#node/config/read-config.ts'
import { checkRecordedSlot } from '#node/disk/check-recorded-slot.ts'
import { lookAt, openDisk } from '#node/job/station.ts'
import { notAbDisk } from '#plan/flash.ts'
import type { Authority } from './authority.ts'
import { openInbox } from './inbox.ts'
import { exitFor, lastWord, Refused } from './last-word.ts'
import { latestPerStep } from './throttle.ts'
import { openUnits } from './units.ts'

export interface SessionIo {
  /** Lines as they come; its end means that nobody listens any more. */
  readonly lines: AsyncIterable<string>
  say(message: FromRunner): void
  /** Asked once, before the first request is read. @throws EngineError `runner.caller` */
  authority(): Authority
}

/** Runs to the end of its request, of its units and the input, or of patience; answers the exit code. Never throws. */
export async function runSession(io: SessionIo): Promise<number> {
  const stop = new AbortController()
  const inbox = openInbox(io.lines, stop)
  io.say({ say: 'hello', protocol: 2 })
  try {
    return await converse({ ...io, authority: io.authority() }, inbox.next, stop)
  } catch (error) {
    io.say(lastWord(error))
    return exitFor(error)
  } finally {
    inbox.close()
  }
}

/** A session whose authority is known. */
type Io = Pick<SessionIo, 'say'> & { readonly authority: Authority }

async function converse(io: Io, next: () => Promise<ToRunner>, stop: AbortController): Promise<number> {
  const { signal } = stop
  const first = await next()
  switch (first.verb) {
    case 'look':
      io.say({ say: 'seen', sight: await lookAt(await io.authority.target(first.target)) })
      return 0
    case 'check':
      io.say({ say: 'checked', ...(await checkSlots(await io.authority.readable(first.target), signal, io)) })
      return 0
    case 'config': {
      const { files, newest, left } = await readConfigOf(await io.authority.readable(first.target), signal)
      const packed = files.map(({ path, mode, bytes }) => ({
        path,
        mode,
        base64: Buffer.from(bytes).toString('base64'),
      }))
      io.say({ say: 'config', files: packed, newest, left: [...left] })
      return 0
    }
    default:
      return await serveUnits(first, io, next, stop)
  }
}

/** Until nobody listens any more; then every unit ends at its next safe point, and says so. */
async function serveUnits(
  first: ToRunner,
  io: Io,
  next: () => Promise<ToRunner>,
  stop: AbortController,
): Promise<number> {
  const units = openUnits({ ...io, signal: stop.signal })
  try {
    for (let message = first; ; message = await next()) units.take(message)
  } catch (error) {
    stop.abort(error)
    const exit = await units.ended()
    if (isEngineError(error, 'job.cancelled')) return exit
    throw error
  }
}

async function checkSlots(target: string, signal: AbortSignal, io: Io): Promise<Record<Slot, string>> {
  await using open = await openDisk(target, true)
  const seen = await observeDisk(open.device, open.disk)
  const { slots, boot } = seen
  if (!slots || !boot) throw new Refused([notAbDisk(seen)])
  const events = latestPerStep((event) => io.say({ say: 'event', event }))
  const words: Record<Slot, string> = { A: 'not-checked', B: 'not-checked' }
  const written = SLOTS.flatMap((slot) => {
    const record = boot.records[slot]
    return record.state === 'written' ? [{ slot, ...record.content }] : []
  })
  const total = written.reduce((sum, { size }) => sum + size, 0)
  let before = 0
  for (const { slot, size, sha256 } of written) {
    const found = await checkRecordedSlot(open.device, { at: slots[slot], size }, signal, (done) =>
      events.authenticating(`Read slot ${slot} back`, before + done, total),
    )
    words[slot] = found === sha256 ? 'equal' : 'differs'
    before += size
  }
  return words
}
