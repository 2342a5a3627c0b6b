// What the device's programs are made of, and who may do what: each port has one adapter in this folder and one fake in
// its tests. The cycle (update/), the gate (gate/) and the agent (agent/) meet only here.
import type { Finding } from '#base/errors.ts'
import type { Clock, JobEvent } from '#engine/ports.ts'
import type { BootState, NextBoot } from '#model/boot-state.ts'
import type { Fallback, GateMemory, ProbeSpec } from '#model/health.ts'
import type { Slot, SlotRecords } from '#model/slot.ts'
import type { StatusReport, UpdateOffer, UpdateRecord, WindowSpec } from '#model/update.ts'
import type { ClientIdentity } from '#node/http/http-trust.ts'

/** The appliance's own disk (own-disk.ts): only the standby slot and the boot files can be written through it. */
export interface OwnDisk {
  /** What runs, and what the boot files say. Reads the medium. */
  look(): Promise<OwnDiskView>
  /**
   * Authenticates a release and writes it into the standby slot: recorded incomplete and taken out of the boot loader's
   * choice first, read back at the end. Continues an interrupted writing of the same release. Does not change what boots.
   * @throws EngineError `trust.*`, `release.*`, `format.*`, `plan.*`, `write.*`, `disk.*`, `download.*`, `job.cancelled`
   */
  writeStandby(request: WriteStandby): Promise<WrittenRelease>
  /**
   * Re-reads the slot against its recorded digest, notes on the ESP whose trial it is, then makes it the wanted one,
   * counted (three tries).
   */
  armTrial(slot: Slot, update?: UpdateRecord): Promise<void>
  /** The gate of the running slot's trial could not do its work: noted on the ESP, which the other slot reads. */
  noteGateFailure(error: string): Promise<void>
  /** The running slot has proved itself. */
  confirm(slot: Slot): Promise<void>
  /** The confirmed slot that runs came up: its starts are counted anew. Writes only what was counted. */
  clearStarts(): Promise<void>
  /** A person or the gate goes back: the other slot is wanted again; records the fall-back when one is given. */
  goBack(fallback: Fallback | null): Promise<Slot>
  /** The running slot came up unhealthy and there is no other: its tries are counted anew. */
  stay(): Promise<void>
  /** After the boot loader fell back by itself: the running slot is wanted again, the reason is recorded. */
  settleFallback(fallback: Fallback): Promise<void>
}

export interface OwnDiskView {
  readonly running: Slot
  /** How it was found: cmdline, ab_state, root, default. */
  readonly foundBy: 'cmdline' | 'ab_state' | 'root' | 'default'
  /** `/dev/...` of the disk. */
  readonly disk: string
  readonly state: BootState
  readonly records: SlotRecords
  /** Version by the running root's own word; null where it says none, and the record is all there is. */
  readonly runs: string | null
  /** What the next start does; null: the rescue menu. */
  readonly next: NextBoot | null
  /** Where nothing boots next: what does when the rescue menu has waited; null: it waits for a person. */
  readonly later: NextBoot | null
  readonly findings: readonly Finding[]
  /** Set when the running slot is a counted trial that nobody confirmed yet: boots used, 1 to 3. */
  readonly trialBoot: number | null
}

export interface WriteStandby {
  /** Path of a file, or a URL of a bundle. */
  readonly from: string
  /** Version that was promised; another one in the signed manifest is refused (`own.version-differs`). */
  readonly version: string | null
  /** Channel's claim; checked for a triple, in addition to the signature. */
  readonly sha256: string | null
  readonly allowOlder: string | null
  readonly signal: AbortSignal
  emit(event: JobEvent): void
}

export interface WrittenRelease {
  readonly slot: Slot
  readonly version: string | null
  /** SHA-256 of the signed manifest, or of the image of a triple. */
  readonly digest: string
}

/** `update_state.json` and what outlives an update; every write is atomic (new file, fsync, rename, fsync of the folder). */
export interface UpdateStore {
  load(): Promise<UpdateRecord | null>
  /** Durable when it returns. */
  save(record: UpdateRecord): Promise<void>
  clear(): Promise<void>
  /** Versions that were rolled back, with the update that did: not tried again by themselves. */
  rolledBack(): Promise<readonly RolledBack[]>
  addRolledBack(entry: RolledBack): Promise<void>
}

export interface RolledBack {
  readonly version: string
  readonly update_id: string
  readonly release_digest: string | null
  readonly at: string
  readonly reason: string
}

/** The queue of statuses: durable before it returns; somebody with a network empties it, in order. */
export interface Outbox {
  put(report: StatusReport): Promise<void>
  list(): Promise<readonly StatusReport[]>
  /** Sends what waits; stops at the first that cannot be delivered now. 404 (no such update any more) drops it. */
  flush(signal: AbortSignal): Promise<FlushResult>
}
export interface FlushResult {
  readonly sent: number
  readonly left: number
  /** The server said that an update is not (or no longer) wanted. */
  readonly unknownUpdates: readonly string[]
  /** Why the rest waits, when something could not be delivered. */
  readonly problem?: Finding
}

export type { GateMemory }

/** Asks init to restart the machine; returns when it was asked. */
export type Reboot = (reason: string) => Promise<void>

/** What the server says is to be installed now, or null. */
export type FindUpdate = (signal: AbortSignal) => Promise<UpdateOffer | null>

/** Where things are on the appliance (paths.ts); tests put everything below a folder of their own. */
export interface DevicePaths {
  /** `/var/lib/msp`, or what `/etc/twinslot/device.yaml` says. */
  readonly state: string
  /** `/config`, or what device.yaml says; config-files.ts finds the files of it. */
  readonly config: string
  /** `/boot`: the ESP, mounted read-only for people and for other programs. */
  readonly boot: string
  /** `/etc/twinslot`: device.yaml, keys/*.asc (trusted), order-keys (Ed25519, one hexadecimal key a line), probes.yaml. */
  readonly etc: string
  /** `/proc`, `/sys`, `/dev`. */
  readonly proc: string
  readonly sys: string
  readonly dev: string
}

/** What the configuration files say, checked (settings.ts). Read anew for each cycle. */
export interface DeviceSettings {
  readonly product: string
  /** From `config.yaml`; null when the appliance was not claimed yet. */
  readonly server: ServerSettings | null
  /** Local window (`maintenance_window` of config.yaml); an update's own window wins. */
  readonly window: WindowSpec | null
  /** `updates.yaml`; null when there is none: then only orders are followed. */
  readonly autoUpdate: AutoUpdateSettings | null
  /** Hosts that releases may come from, besides the server's own; lower case, exact or `*.example.org`. */
  readonly allowedHosts: readonly string[]
  readonly probes: readonly ProbeSpec[]
}

export interface ReadSettings {
  /** `server` is null also when anything is wrong that says whom the key may be shown to. */
  readonly settings: DeviceSettings
  readonly findings: readonly Finding[]
}

export interface ServerSettings {
  /** Without a slash at its end. */
  readonly endpoint: string
  readonly siteId: string
  readonly applianceId: string
  /** Secret: never in logs, arguments, errors or events. */
  readonly apiKey: string
  /** PEM of an additional certificate authority (`tls.ca_cert`), null for the system's. */
  readonly ca: string | null
  /** `tls.client_cert` and `.client_key`; its key is a secret like `apiKey`. */
  readonly identity?: ClientIdentity | null
  readonly pollSeconds: number
}

export interface AutoUpdateSettings {
  readonly enabled: boolean
  readonly channel: 'stable' | 'beta' | 'dev'
  /** "02:00", local time of the window's zone; null = at any time. */
  readonly schedule: string | null
  readonly requireApproval: boolean
}

/** Kept for the next boot's gate; atomic. */
export interface GateMemoryStore {
  load(): Promise<GateMemory | null>
  save(memory: GateMemory): Promise<void>
}

/** Everything a program gets; compose.ts makes the real one. */
export interface Appliance {
  readonly paths: DevicePaths
  /** Everything in order, or the first mistake: what writing and restarting rest on. @throws EngineError `settings.*` */
  settings(): Promise<DeviceSettings>
  /** As far as the files can be read, with every mistake: what asking the server rests on. */
  readable(): Promise<ReadSettings>
  readonly disk: OwnDisk
  readonly store: UpdateStore
  readonly outbox: Outbox
  readonly gateMemory: GateMemoryStore
  readonly clock: Clock
  readonly reboot: Reboot
  /** Ends early, without throwing, when the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  /** `/proc/sys/kernel/random/boot_id` */
  bootId(): Promise<string>
}

/** One of the device's commands. `run` answers the exit code; an EngineError that it throws is printed with its remedy. */
export interface Program {
  readonly name: 'health-gate' | 'osiris-update' | 'hypernet-admin' | 'twinslot-agent'
  readonly usage: string
  run(context: ProgramContext): Promise<number>
}

export interface ProgramContext {
  /** Without `--json`, which program.ts takes out. */
  readonly argv: readonly string[]
  readonly json: boolean
  /** Ends with SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  readonly appliance: Appliance
  /** The result: `lines` for people, `value` as one line of JSON with --json. */
  result(value: Readonly<Record<string, unknown>>, lines: readonly string[]): void
  /** Progress and remarks, on stderr; never with secrets. */
  note(line: string): void
  /** Bytes of a job under way: a bar on a terminal, starts and ends elsewhere. */
  progress?(event: JobEvent): void
}
