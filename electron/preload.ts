// Runs in the sandbox before the page: two functions, data only. The page gets neither Electron's objects nor its events,
// and there is no channel name that it could choose.
import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import { CALL_CHANNEL, MESSAGE_CHANNEL } from './channels.ts'

contextBridge.exposeInMainWorld('twinslot', {
  call: (message: unknown): Promise<unknown> => ipcRenderer.invoke(CALL_CHANNEL, message),
  onMessage(listener: (message: unknown) => void): void {
    ipcRenderer.on(MESSAGE_CHANNEL, (_event: IpcRendererEvent, message: unknown) => listener(message))
  },
})
