// Error codes of updates: what an appliance refuses to begin, what it waits for and why one ended; see define.ts.
import { defineErrors } from './define.ts'

export const updateErrors = defineErrors({
  // Refused at the door (device/update/cycle-offer.ts).
  'update.already-installed': {
    message: 'Version {version} is what slot {slot} runs already.',
    remedy: 'Nothing needs to be done.',
    kind: 'unfit',
    retry: 'never',
  },
  'update.rolled-back-before': {
    message: 'Version {version} was installed and rolled back at {at} ({reason}); it is not tried again by itself.',
    remedy: 'Use another version, or give a new order for this one (with an update id of its own).',
    kind: 'unfit',
    retry: 'fix',
  },
  'update.already-ended': {
    message: 'The update {update} has ended already ({status}); the server was not told yet.',
    remedy: 'Nothing needs to be done: the report is sent when the server can be reached.',
    kind: 'unfit',
    retry: 'again',
  },
  'update.another-under-way': {
    message: 'The update {expected} is under way; {found} cannot begin before it has ended.',
    remedy:
      'Wait for it, or cancel it where it came from. "osiris-update --status" shows how far it is; "osiris-update --abandon" gives it up.',
    kind: 'unfit',
    retry: 'again',
  },
  'update.bad-offer': {
    message: 'The update {update} cannot be used: {problem}.',
    remedy: 'Correct the release at the server and order it again.',
    kind: 'unfit',
    retry: 'fix',
  },
  'update.trial-running': {
    message:
      'Slot {slot} is on trial (boot {boot} of 3); until it is confirmed the other slot is all there is to fall back to.',
    remedy: 'Wait until the health gate has judged; "health-gate --status" shows it.',
    kind: 'unfit',
    retry: 'again',
  },
  // Waited for, or met on the way (device/update/cycle.ts).
  'update.waits-approval': {
    message: 'Version {version} is written to slot {slot} and waits until a person allows the restart.',
    remedy: 'Allow it with "osiris-update --approve".',
    kind: 'unfit',
    retry: 'fix',
  },
  'update.waits-window': {
    message: 'Version {version} is written; the maintenance window opens at {opens}, now is {now}.',
    remedy: 'Nothing needs to be done: the restart follows when the window is open.',
    kind: 'unfit',
    retry: 'again',
  },
  'update.waits-restart': {
    message: 'Version {version} is written to slot {slot} and selected; the appliance has to be restarted for it.',
    remedy: 'Restart it with "osiris-update --approve" or "systemctl reboot".',
    kind: 'unfit',
    retry: 'fix',
  },
  'update.clock-wrong': {
    message: 'The clock says {now}, but these programs were built at {built}: windows and expiry cannot be judged.',
    remedy: 'Set the clock, or give the appliance a time server; the update then goes on by itself.',
    kind: 'unfit',
    retry: 'fix',
  },
  'update.slot-changed': {
    message: 'Slot {slot} should hold version {expected}, written for this update; it holds {found}.',
    remedy: 'Nothing needs to be done: the slot is written again. If it was changed by hand, cancel the update first.',
    kind: 'failed',
    retry: 'again',
  },
  'update.running-unconfirmed': {
    message:
      'Slot {slot} was started by hand and is not confirmed; slot {good}, the good one, is not written meanwhile.',
    remedy: 'Restart into slot {good}, or confirm slot {slot} at the bench ("slot good").',
    kind: 'unfit',
    retry: 'again',
  },
  'update.left-behind': {
    message: 'Version {version} in slot {slot} is not on trial and will not be started by itself; slot {running} runs.',
    remedy: 'Order the update again if it is still wanted.',
    kind: 'failed',
    retry: 'fix',
  },
  'update.unhealthy-here': {
    message: 'Version {version} runs in slot {slot} already, and its health check fails there: {reason}.',
    remedy: 'See what health-gate --check says. Order the update again, or another version, once it is mended.',
    kind: 'failed',
    retry: 'fix',
  },
  'update.slot-bad': {
    message: 'Slot {slot} was marked bad after version {version} was written to it; it is not started.',
    remedy: 'Order another version, or this one again if it was marked by mistake.',
    kind: 'failed',
    retry: 'fix',
  },
  'update.cancelled': {
    message: 'The update {update} is no longer wanted: {reason}.',
    remedy:
      'Nothing needs to be done; the running system was not touched. The other slot stays Incomplete until the next update.',
    kind: 'cancelled',
    retry: 'never',
  },
  'update.failed-before': {
    message: 'An earlier version of these programs gave the update up, for a reason that this version does not know.',
    remedy: 'Order the update again if it is still wanted.',
    kind: 'failed',
    retry: 'fix',
  },
  'update.busy': {
    message: 'Another program may be changing what boots just now: {holder}.',
    remedy:
      'Repeat the command when it has finished ("osiris-update --status" shows what it does), or end it first ("systemctl stop twinslot-agent"); what it has written is gone on with later.',
    kind: 'unfit',
    retry: 'again',
  },
  'update.reboot-failed': {
    message: 'The restart could not be started: {reason}.',
    remedy: 'Restart the appliance by hand; slot {slot} is selected.',
    kind: 'failed',
    retry: 'again',
  },
  // The commands (osiris-update, hypernet-admin).
  'update.usage': {
    message: '{problem}',
    remedy: 'See "{program} --help".',
    kind: 'usage',
    retry: 'fix',
  },
  'update.no-server': {
    message: 'No server is configured: {file} {found}.',
    remedy: 'Claim the appliance, or give it a config.yaml with api_endpoint and api_key.',
    kind: 'unfit',
    retry: 'fix',
  },
  'update.nothing-to-approve': {
    message: 'No update is waiting for approval ({found}).',
    remedy: 'See "osiris-update --status".',
    kind: 'unfit',
    retry: 'fix',
  },
  'update.nothing-to-go-back-to': {
    message: 'Slot {slot} is {verdict}; going back needs a slot that was Good.',
    remedy: 'Install a version that works with "hypernet-admin update", or write the slot at the bench.',
    kind: 'unfit',
    retry: 'fix',
  },
  'update.not-confirmed': {
    message: 'The answer was "{found}"; it is confirmed by "{expected}".',
    remedy: 'Repeat the command.',
    kind: 'cancelled',
    retry: 'again',
  },
  'update.no-terminal': {
    message: 'Nobody can be asked to confirm, because standard input is not a terminal.',
    remedy: 'Repeat the command with --yes.',
    kind: 'usage',
    retry: 'fix',
  },
})
