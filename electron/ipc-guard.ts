// The one door between window and host: one channel for calls, one for events. A call counts only when the main frame of our
// own window, showing our own page, has sent it; what it says is checked by host/dispatch.ts as for every other transport.

import type { HostMessage } from '#contract/console.ts'
import type { Endpoint } from '#host/web/lines.ts'
import { CALL_CHANNEL, MESSAGE_CHANNEL } from './channels.ts'
import { isOurs } from './protocol.ts'

interface Frame {
  readonly url: string
  readonly parent: object | null
}

export interface Call {
  readonly sender: { readonly id: number }
  readonly senderFrame: Frame | null
}

/** What is used of Electron's ipcMain. */
export interface CallReceiver {
  handle(channel: string, listener: (event: Call, message: unknown) => Promise<HostMessage>): void
  removeHandler(channel: string): void
}

/** What is used of the window's WebContents. */
export interface Receiver {
  readonly id: number
  isDestroyed(): boolean
  send(channel: string, message: HostMessage): void
  on(
    event: 'did-start-navigation',
    listener: (event: { isMainFrame: boolean; isSameDocument: boolean }) => void,
  ): unknown
  on(event: 'render-process-gone' | 'destroyed', listener: () => void): unknown
}

/** Why this call is not from our page, or null. */
export function foreign({ sender, senderFrame }: Call, windowId: number): string | null {
  if (sender.id !== windowId) return 'another window'
  if (senderFrame === null) return 'a frame that is gone'
  if (senderFrame.parent !== null) return 'a frame inside the page'
  return isOurs(senderFrame.url) ? null : `the address ${senderFrame.url.slice(0, 120)}`
}

/** Connects the window until it is gone. Calls of a page that was left or has crashed are aborted. */
export function connectWindow(
  ipc: CallReceiver,
  contents: Receiver,
  endpoint: Endpoint,
  log: (line: string) => void,
): Disposable {
  let page = new AbortController()
  const nextPage = (): void => {
    page.abort()
    page = new AbortController()
  }
  contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) nextPage()
  })
  contents.on('render-process-gone', nextPage)
  contents.on('destroyed', nextPage)
  ipc.handle(CALL_CHANNEL, async (event, message) => {
    const why = foreign(event, contents.id)
    if (why === null) return await endpoint.answer(message, page.signal)
    log(`window: a call from ${why} was refused`)
    throw new Error('This call is not answered.')
  })
  const news = endpoint.listen((event) => {
    if (!contents.isDestroyed()) contents.send(MESSAGE_CHANNEL, { event })
  })
  return {
    [Symbol.dispose]() {
      news[Symbol.dispose]()
      ipc.removeHandler(CALL_CHANNEL)
      page.abort()
    },
  }
}
