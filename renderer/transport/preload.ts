// Desktop host: the preload script's bridge. Same messages as over a WebSocket; the line is open as long as the window is.
import type { ClientMessage, HostMessage } from '#contract/console.ts'
import { type ConsoleLink, openLinkCore, watchSilence } from './link.ts'

/** What electron/preload.ts puts on the window as `twinslot`. */
export interface TwinslotBridge {
  /** Answers come through `onMessage` with the same id, or as this call's result. */
  call(message: ClientMessage): Promise<HostMessage | undefined> | undefined
  onMessage(listener: (message: HostMessage) => void): void
}

declare global {
  interface Window {
    readonly twinslot?: TwinslotBridge
  }
}

type Later = (act: () => void, milliseconds: number) => void
const later: Later = (act, milliseconds) => void setTimeout(act, milliseconds)

export function openPreloadLink(bridge: TwinslotBridge, listenLater: Later = later): ConsoleLink {
  const core = openLinkCore((message) => {
    bridge.call(message)?.then(
      (answer) => answer && core.take(answer),
      () => core.setState('lost'),
    )
  })
  bridge.onMessage(core.take)
  core.setState('open')
  watchSilence(core, listenLater)
  return core
}
