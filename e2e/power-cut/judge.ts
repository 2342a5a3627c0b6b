// Judges what is on a disk the way firmware and GRUB do: table (primary or backup), ESP, boot loader, boot files, slots.
// Everything is remembered by the pages it was read from, so that thousands of nearly equal disks are judged quickly.
import { equalBytes, viewOf } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import { openEsp } from '#engine/observe.ts'
import { afterRescue } from '#format/boot-start.ts'
import { type BootFiles, decodeBootState } from '#format/boot-state.ts'
import { decodeGpt, GPT_EDGE_BYTES } from '#format/gpt.ts'
import { decodeSlotRecords } from '#format/slot-record.ts'
import { ESP_PATH, isProven } from '#model/boot-state.ts'
import type { Extent } from '#model/observation.ts'
import { type PartitionTable, TYPE_GUID } from '#model/partition-table.ts'
import { SLOTS, type Slot, type SlotRecords } from '#model/slot.ts'
import { simulateBoot } from '#testing/boot-simulator.ts'
import { PAGE, type Pages } from '#testing/pages.ts'
import { type Disk, openDisk } from './record.ts'
import type { World } from './world.ts'

export interface Judgement {
  /** `none`: firmware finds nothing to start. Else what the next start does, such as `A (one), counted, 2 left`. */
  readonly boots: string
  /** Violations that hold for every disk, whatever was done to it. */
  readonly problems: readonly string[]
}

export interface EspView {
  readonly loader: Uint8Array | null
  readonly files: BootFiles
  readonly records: SlotRecords
}

interface SlotView {
  /** GRUB finds a squashfs there. */
  readonly readable: boolean
  /** Name of the release whose image is there, every byte of it; null when there is none. */
  readonly holds: string | null
}

const SQUASHFS_MAGIC = 0x73717368
const BLANK = new Uint8Array(PAGE)
const NO_CLAIM: Judgement = { boots: 'none', problems: [] }

export interface Judge {
  judge(disk: Disk): Promise<Judgement>
  esp(disk: Disk, extent: Extent): Promise<EspView | null>
}

export interface JudgeOptions {
  /** Say of a confirmed slot how many starts it has left after the next one, where they are counted. */
  readonly patience?: boolean
}

/**
 * `foreign`: a disk that another system starts from; finding its boot loader is fine as long as everything behind the
 * partition tables is as it was.
 */
export function makeJudge(
  world: World,
  foreign: { readonly disk: Disk; readonly loader: Uint8Array } | null,
  { patience = false }: JudgeOptions = {},
): Judge {
  const ids = new WeakMap<Uint8Array, number>()
  let nextId = 1
  const idOf = (page: Uint8Array): number => {
    const known = ids.get(page)
    if (known) return known
    ids.set(page, nextId)
    return nextId++
  }
  const keyOf = (pages: Pages, { offset, length }: Extent): string => {
    const parts: number[] = [offset, length]
    for (let number = Math.floor(offset / PAGE); number * PAGE < offset + length; number++) {
      const page = pages.page(number)
      if (page) parts.push(number, idOf(page))
    }
    return parts.join(' ')
  }
  const slots = new Map<string, SlotView>()
  const esps = new Map<string, EspView | null>()
  const tables = new Map<string, readonly PartitionTable[]>()
  const starts = new Map<string, Judgement>()

  function tablesOf({ pages, size, sectorSize }: Disk): readonly PartitionTable[] {
    const edges = [0, size - GPT_EDGE_BYTES].map((offset) => ({ offset, length: GPT_EDGE_BYTES }))
    const key = edges.map((edge) => keyOf(pages, edge)).join('/')
    const known = tables.get(key)
    if (known) return known
    const [head, tail] = edges.map(({ offset, length }) => {
      const bytes = new Uint8Array(length)
      pages.read(offset, bytes)
      return bytes
    })
    // As firmware reads it, and as a firmware would that reads the backup although there is a primary.
    const found = [head, new Uint8Array(GPT_EDGE_BYTES)].flatMap((first) => {
      const { table } = decodeGpt(first, tail, sectorSize, size / sectorSize)
      return table ? [table] : []
    })
    tables.set(key, found)
    return found
  }

  function slotView(pages: Pages, extent: Extent): SlotView {
    const key = keyOf(pages, extent)
    const known = slots.get(key)
    if (known) return known
    const head = new Uint8Array(4)
    pages.read(extent.offset, head)
    const match = world.releases.find(({ bytes }) => holdsImage(pages, extent.offset, bytes))
    const view = { readable: viewOf(head).getUint32(0, true) === SQUASHFS_MAGIC, holds: match?.name ?? null }
    slots.set(key, view)
    return view
  }

  async function esp(disk: Disk, extent: Extent): Promise<EspView | null> {
    const key = keyOf(disk.pages, extent)
    const known = esps.get(key)
    if (known !== undefined) return known
    const view = await readEsp(disk, extent)
    esps.set(key, view)
    return view
  }

  async function readEsp(disk: Disk, extent: Extent): Promise<EspView | null> {
    const volume = await openEsp(openDisk(disk), extent)
    if ('code' in volume) return null
    const read = async (path: string) => {
      try {
        return (await volume.stat(path))?.kind === 'file' ? await volume.read(path) : null
      } catch (error) {
        if (isEngineError(error) && error.code.startsWith('fat.')) return null
        throw error
      }
    }
    const files = {
      ab_state: await read(ESP_PATH.ab_state),
      grubenv: await read(ESP_PATH.grubenv),
      grubenv2: await read(ESP_PATH.grubenv2),
      good: await read(ESP_PATH.good),
    }
    const { records } = decodeSlotRecords(await read(ESP_PATH.slots))
    return { loader: await read('EFI/BOOT/BOOTX64.EFI'), files, records }
  }

  /** Most states of a disk differ in what is in the slots only, or begin with the same few boot files. */
  function startsOf(files: BootFiles, held: Record<Slot, SlotView>): Judgement {
    const bytes = Object.values(files).map((file) => file && Buffer.from(file).toString('latin1'))
    const key = JSON.stringify([bytes, held])
    const known = starts.get(key)
    if (known) return known
    const judgement = { boots: bootText(files, held, patience), problems: slotProblems(files, held) }
    starts.set(key, judgement)
    return judgement
  }

  async function judgeTable(disk: Disk, table: PartitionTable): Promise<Judgement> {
    const place = (match: (entry: PartitionTable['entries'][number]) => boolean): Extent | null => {
      const entry = table.entries.find(match)
      if (!entry) return null
      const length = (entry.lastLba - entry.firstLba + 1) * table.sectorSize
      return { offset: entry.firstLba * table.sectorSize, length }
    }
    const espPlace = place((entry) => entry.typeGuid === TYPE_GUID.esp)
    const view = espPlace && (await esp(disk, espPlace))
    if (!view?.loader) return NO_CLAIM
    if (foreign && equalBytes(view.loader, foreign.loader)) {
      const problems = sameContents(disk, foreign.disk) ? [] : ['the other system starts, but it is damaged']
      return { boots: 'the other system', problems }
    }
    if (!equalBytes(view.loader, world.loader))
      return { boots: 'half a loader', problems: ['half a boot loader starts'] }
    const at = { A: place((entry) => entry.number === 2), B: place((entry) => entry.number === 3) }
    const none: SlotView = { readable: false, holds: null }
    const held = {
      A: at.A ? slotView(disk.pages, at.A) : none,
      B: at.B ? slotView(disk.pages, at.B) : none,
    }
    const { boots, problems } = startsOf(view.files, held)
    return { boots, problems: [...recordProblems(view, held), ...problems] }
  }

  return {
    esp,
    async judge(disk) {
      const results: Judgement[] = []
      for (const table of tablesOf(disk)) results.push(await judgeTable(disk, table))
      if (results.length === 0) return NO_CLAIM
      return { boots: results[0].boots, problems: results.flatMap(({ problems }) => problems) }
    },
  }

  function recordProblems({ records }: EspView, held: Record<Slot, SlotView>): string[] {
    return SLOTS.flatMap((slot) => {
      const record = records[slot]
      if (record.state !== 'written') return []
      const { holds } = held[slot]
      const release = holds === null ? null : world.release(holds)
      if (release && release.sha256 === record.content.sha256) return []
      return [`slot ${slot} is recorded as ${record.content.version}, but holds ${holds ?? 'something else'}`]
    })
  }
}

/** Whatever loads or does not load, and however often it starts without confirmation: only complete slots boot. */
function slotProblems(files: BootFiles, held: Record<Slot, SlotView>): string[] {
  const problems: string[] = []
  for (const loads of [
    { A: true, B: true },
    { A: true, B: false },
    { A: false, B: true },
  ]) {
    const loadable = { A: loads.A && held.A.readable, B: loads.B && held.B.readable }
    // A second round follows where the rescue menu waits for nobody and the tries begin anew.
    for (let round: BootFiles | null = files, first = 1; round !== null && first <= 9; first += 8) {
      let now: BootFiles = round
      let last = null as ReturnType<typeof simulateBoot> | null
      for (let start = first; start < first + 8; start++) {
        last = simulateBoot(now, loadable)
        now = last.after
        if (last.booted && !last.counted && !mayStart(now, last.booted))
          problems.push(`start ${start} boots slot ${last.booted} uncounted, which nobody confirmed`)
        if (last.booted && held[last.booted].holds === null)
          problems.push(`start ${start} boots half of slot ${last.booted} (loadable: ${JSON.stringify(loadable)})`)
      }
      if (last?.counted) problems.push('the trial does not end')
      round = last?.booted === null ? afterRescue(now) : null
    }
  }
  return [...new Set(problems)]
}

/** Confirmed by one of the blocks (the spare decides where the first cannot be saved); or nothing says what is. */
function mayStart(files: BootFiles, slot: Slot): boolean {
  return [files, { ...files, grubenv: null }].some((each) => {
    const { state, findings } = decodeBootState(each)
    const known = state.good !== null || findings.every(({ code }) => code !== 'boot.env-lost')
    return !known || isProven(state, slot)
  })
}

function bootText(files: BootFiles, held: Record<Slot, SlotView>, patience: boolean): string {
  const start = simulateBoot(files, { A: held.A.readable, B: held.B.readable })
  const { booted, counted, triesLeft, startsLeft } = start
  if (booted === null) return 'rescue menu'
  const starts = patience && startsLeft !== null ? `, ${startsLeft} more starts` : ''
  return `${booted} (${held[booted].holds ?? 'damaged'})${counted ? `, counted, ${triesLeft} left` : starts}`
}

/** From the end: what is written last differs first. Slots begin with a page. */
function holdsImage(pages: Pages, offset: number, image: Uint8Array): boolean {
  for (let at = Math.floor((image.length - 1) / PAGE) * PAGE; at >= 0; at -= PAGE) {
    const part = image.subarray(at, at + PAGE)
    const page = pages.page((offset + at) / PAGE) ?? BLANK
    if (Buffer.compare(page.subarray(0, part.length), part) !== 0) return false
  }
  return true
}

/** Behind the first and before the last MiB. */
function sameContents(disk: Disk, other: Disk): boolean {
  const edge = 1024 * 1024
  const numbers = new Set([...disk.pages.numbers(), ...other.pages.numbers()])
  for (const number of numbers) {
    if (number * PAGE < edge || (number + 1) * PAGE > disk.size - edge) continue
    const [a, b] = [disk, other].map(({ pages }) => pages.page(number))
    if (a === b) continue
    if (Buffer.compare(a ?? BLANK, b ?? BLANK) !== 0) return false
  }
  return true
}
