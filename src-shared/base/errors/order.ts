// Error codes of signed orders of the fleet server: why one is not followed; see define.ts for the shape.
import { defineErrors, type ErrorSpec } from './define.ts'

const refused = (message: string, remedy: string, retry: ErrorSpec['retry'] = 'never'): ErrorSpec => ({
  message,
  remedy,
  kind: 'untrusted',
  retry,
})

const NEW_ORDER = 'Nothing was changed. Give the order again from the fleet server.'
const SUSPICIOUS =
  'Nothing was changed. If this goes on, somebody between appliance and server changes orders: look into it.'

export const orderErrors = defineErrors({
  'order.malformed': refused('The order cannot be read: {problem}.', NEW_ORDER),
  'order.too-large': refused('The order has {found|bytes}; at most {limit|bytes} are read.', NEW_ORDER),
  'order.already-executed': refused('The order {order} was carried out already.', 'Nothing has to be done.'),
  'order.unsigned': refused('The order carries no signature that can be read: {problem}.', SUSPICIOUS),
  'order.bad-signature': refused(
    'The signature of the order fits none of the {keys} trusted order keys.',
    'Nothing was changed. Compare the order keys of the system image with the signing key of the fleet server.',
    'fix',
  ),
  'order.replayed': refused('The order {order} carries a number that was used before ({nonce}).', SUSPICIOUS),
  'order.expired': refused(
    'The order {order} was valid until {expired}; now is {now}.',
    'Give the order again from the fleet server, and check the clock of the appliance.',
  ),
  'order.from-future': refused(
    'The order {order} was made at {created}, but now is {now}.',
    'Check the clocks of the appliance and of the fleet server.',
    'again',
  ),
  'order.other-appliance': refused('The order {order} is for {expected}; this appliance is {found}.', NEW_ORDER),
  'order.unsupported': refused(
    'Orders of the kind "{found}" are not carried out here, only {expected}.',
    'Nothing has to be done; another program on the appliance may carry it out.',
  ),
  'order.not-https': refused(
    '"{url}" is not a plain https address.',
    'Publish the release at an https address.',
    'fix',
  ),
  'order.host-not-allowed': refused(
    'The release would come from {found}; allowed are {expected}.',
    'Publish it on an allowed host, or add the host to allowed_hosts in device.yaml of the system image.',
    'fix',
  ),
  'order.keys-malformed': refused(
    '{file}, line {line}: an order key is 64 hexadecimal digits.',
    'Correct the file; each line holds one Ed25519 public key, "#" begins a remark.',
    'fix',
  ),
})
