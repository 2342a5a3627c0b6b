// Starts the console's window: opens the line to the host (desktop bridge or WebSocket) and draws the shell.
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import './theme.css'
import './components/components.css'
import './components/status.css'
import './shell.css'
import { followStation } from './store/station.ts'
import { followAddress } from './store/ui.ts'
import { LinkContext } from './store/use-call.ts'
import { openPreloadLink } from './transport/preload.ts'
import { browserPass, openSocketLink } from './transport/socket.ts'

const link = window.twinslot
  ? openPreloadLink(window.twinslot)
  : openSocketLink(new URL(window.location.href), browserPass())
followAddress()
followStation(link)

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no place for the console')
createRoot(root).render(
  <StrictMode>
    <LinkContext value={link}>
      <App />
    </LinkContext>
  </StrictMode>,
)
