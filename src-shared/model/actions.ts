// What can be done to a slot, and which repairs a boot can get: the words of requests, steps and texts.

export type SlotAction = 'default' | 'once' | 'good' | 'bad' | 'reset'

/** What the doctor repairs beside the partition table. */
export type BootRepair = 'environment' | 'ab-state' | 'boot-loader' | 'slot-record' | 'both-bad'
