// Names that main and preload share; the preload bundle must not pull in anything else.
export const CALL_CHANNEL = 'twinslot'
export const MESSAGE_CHANNEL = 'twinslot-message'
