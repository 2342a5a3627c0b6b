// A list of things that each take the focus is one stop for Tab: arrows go on within it, and Tab comes back to where it was.
import type { ReactNode } from 'react'
import { Toolbar } from 'react-aria-components'

export function OneStop({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <Toolbar orientation="vertical" aria-label={label}>
      {children}
    </Toolbar>
  )
}
