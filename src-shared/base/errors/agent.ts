// Error codes of the appliance's agent: what it and the fleet server cannot agree on; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const agentErrors = defineErrors({
  'agent.key-refused': {
    message: 'The fleet server {server} refuses the key of this appliance (status {status}).',
    remedy:
      'Nothing needs to be done at once: a new key is asked for once an hour. Else put a current key into config.yaml (api_key) or claim the appliance again.',
    kind: 'permission',
    retry: 'fix',
  },
  'agent.key-unusable': {
    message: 'The fleet server {server} sent a new key that cannot be used; a key is {expected}. The old one is kept.',
    remedy: 'Correct the key at the fleet server; nothing needs to be done here.',
    kind: 'failed',
    retry: 'again',
  },
  'agent.rekey-refused': {
    message: 'The fleet server {server} gives this appliance no new key (status {status}).',
    remedy:
      'Put a current key into config.yaml (api_key) or claim the appliance again. It is asked again after an hour.',
    kind: 'permission',
    retry: 'again',
  },
  'agent.bad-answer': {
    message: 'The fleet server answered {path} with something else than agreed: {problem}.',
    remedy: 'Check that the address is the fleet server, and that its version fits this appliance.',
    kind: 'failed',
    retry: 'again',
  },
  'agent.clock-differs': {
    message: 'The clock of this appliance says {found}, the one of the fleet server {expected}.',
    remedy: 'Check the time server of the appliance; maintenance windows and expiry dates depend on its clock.',
    kind: 'failed',
    retry: 'fix',
  },
  'agent.order-not-ours': {
    message: 'The order {order} names no appliance, and the server has no update {update} waiting for this one.',
    remedy: 'Nothing needs to be done: it is followed when the rollout reaches this appliance.',
    kind: 'unfit',
    retry: 'again',
  },
})
