// English: what the host found, one message per kind: the line about a unit, the last fall-back, changes against advice, the
// self-test.

import type { FallbackView, OverrideView, SelfTestText, SummaryText } from '#contract/views.ts'
import type { BUILT_IN_LAYOUTS } from '#model/layouts.ts'

/** Every kind of finding with a message of its own: a new kind does not compile without its messages. */
export type FindingKey =
  | `summary.${Exclude<SummaryText['kind'], 'nothing' | 'slots' | 'partitions'> | 'slot' | 'slotVersion'}`
  | `fallback.${FallbackView['reason']}`
  | `override.${OverrideView['what']['kind']}`
  | `selftest.${Exclude<SelfTestText['kind'], 'problem'>}`
  | `layout.${keyof typeof BUILT_IN_LAYOUTS}`
  | 'problem.heldBy'

export type Findings = Readonly<Record<FindingKey, string>>

export const findingsEn = {
  'problem.heldBy': 'Used by: {holder}',
  'layout.hp-t640': 'HP T640 appliance: ESP 512 MB, slots A and B of 2 GB, the rest data (with /config inside)',
  'layout.hypernet-server': 'Hypernet server: ESP 512 MB, slots A and B of 25 GB, config, data, media, logs and cache',
  'summary.slot': '{slot}: {state}',
  'summary.slotVersion': '{slot}: {version}, {state}',
  'summary.mbr': 'MBR partition table',
  'summary.unknown': 'content of an unknown kind',
  'fallback.boot-failed':
    '{time}: slot {slot} ({held, select, version {{version}} other {version unknown}}) did not come up, {boots, plural, one {# boot} other {# boots}} counted',
  'fallback.unhealthy':
    '{time}: slot {slot} ({held, select, version {{version}} other {version unknown}}) failed its health check, {boots, plural, one {# boot} other {# boots}} counted',
  'fallback.unloadable':
    '{time}: slot {slot} ({held, select, version {{version}} other {version unknown}}) could not be loaded, {boots, plural, one {# boot} other {# boots}} counted',
  'fallback.gate-failed':
    '{time}: the health check of slot {slot} ({held, select, version {{version}} other {version unknown}}) could not do its work, {boots, plural, one {# boot} other {# boots}} counted',
  'fallback.operator':
    '{time}: somebody went back from slot {slot} ({held, select, version {{version}} other {version unknown}}), {boots, plural, one {# boot} other {# boots}} counted',
  'override.slot-default': '{time}, {by}: slot {slot} was made the default. Reason: {reason}',
  'override.slot-once': '{time}, {by}: slot {slot} was chosen for one boot. Reason: {reason}',
  'override.slot-good': '{time}, {by}: slot {slot} was marked good. Reason: {reason}',
  'override.slot-bad': '{time}, {by}: slot {slot} was marked bad. Reason: {reason}',
  'override.slot-reset': '{time}, {by}: the tries of slot {slot} were reset. Reason: {reason}',
  'override.older-release':
    '{time}, {by}: slot {slot} was given an older release, counter {found, number} instead of {known, number}. Reason: {reason}',
  'override.as-written': '{time}, {by}: slot {slot}, {title}. Reason: {reason}',
  'selftest.node': 'Node {node} on {system}.',
  'selftest.node-needed': 'Node {least, number} or newer is needed.',
  'selftest.runner': 'A runner was started and answered.',
  'selftest.disks': '{count, number} on the bench, {hidden, number} hidden.',
  'selftest.root': 'This console runs as root; that is more than it needs.',
  'selftest.no-disk': 'No disk is attached; disk image files need no permission.',
  'selftest.all-writable':
    '{count, plural, one {The disk can be written by this user.} other {All # disks can be written by this user.}}',
  'selftest.consent-each': '{count, number} of {total, number} disks need consent for each job.',
  'selftest.consent-root': 'Not needed: this console runs as root.',
  'selftest.consent-dialog': 'The system’s own dialog asks before a disk is written.',
  'selftest.no-pkexec': 'pkexec is not installed: disks of other users cannot be written.',
  'selftest.agent': 'pkexec is here, and {agent} can ask.',
  'selftest.no-agent': 'pkexec is here, but no polkit agent was seen: nobody may be able to answer its question.',
  'selftest.tools': 'All programs are here: {tools}.',
  'selftest.tool-missing': '{tool} is missing ({remedy}).',
  'selftest.tool-missing-for':
    '{tool} is missing, for {use, select, xfs {layouts with XFS} encryption {encrypted layouts} other {restoring /config}} ({remedy}).',
  'selftest.space': '{size} free in the data folder.',
  'selftest.space-low': 'Images and reports may not be saved.',
  'selftest.clock': '{time} ({zone}).',
  'selftest.clock-behind': 'The clock is behind: an image of the library was made at {time}.',
  'selftest.clock-unknown': 'Whether a time service keeps it is not known.',
  'selftest.clock-kept': 'A time service keeps it.',
  'selftest.clock-not-kept': 'No time service keeps it.',
  'selftest.usb-unseen': 'The speed of USB ports cannot be seen on this system.',
  'selftest.usb-none': 'No USB controller was seen.',
  'selftest.usb-fastest': 'The fastest controller has {speed, number} Mbit/s.',
  'selftest.usb-slow': 'Slow: {path} with {speed, number} Mbit/s.',
  'selftest.usb-no-3': 'There is no USB 3.',
} as const satisfies Findings
