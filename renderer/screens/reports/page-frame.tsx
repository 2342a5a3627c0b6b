// A page that the host made, shown in a frame without scripts; this window's policy holds in it, too. It can be printed.
import { type Ref, useEffect, useState } from 'react'
import { useText } from '#renderer/text/use-text.tsx'

export interface PageFrameProps {
  readonly html: string | null
  /** Read out for the frame. */
  readonly title: string
  readonly look: 'certificate' | 'label'
  readonly ref?: Ref<HTMLIFrameElement>
}

export function PageFrame({ html, title, look, ref }: PageFrameProps) {
  const t = useText()
  const [address, setAddress] = useState<string | null>(null)
  useEffect(() => {
    if (html === null) return
    const made = URL.createObjectURL(new Blob([html], { type: 'text/html' }))
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [html])
  if (html === null || address === null) return <p role="status">{t('reports.loading')}</p>
  // The page may ask for printing and is of our origin so that we can ask for it; it may not run anything.
  return (
    <iframe
      ref={ref}
      className={`page-frame page-${look}`}
      src={address}
      title={title}
      sandbox="allow-same-origin allow-modals"
    />
  )
}

export const printFrame = (frame: HTMLIFrameElement | null): void => {
  frame?.contentWindow?.focus()
  frame?.contentWindow?.print()
}
