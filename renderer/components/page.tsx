// What every screen is made of: a heading that takes the focus when the screen is entered, its actions, notices, emptiness.
import { type ReactNode, useEffect, useRef } from 'react'
import { Icon, type IconName } from './icons.tsx'

export interface ScreenProps {
  readonly title: ReactNode
  /** One sentence under the heading. */
  readonly description?: ReactNode
  /** Buttons at the end of the heading's line. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** What is shown now is read from its beginning. */
export const toTop = (): void => document.getElementById('main')?.scrollTo({ top: 0 })

export function Screen({ title, description, actions, children }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
    toTop()
  }, [])
  return (
    <div className="screen">
      <header className="screen-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {description && <p className="quiet">{description}</p>}
        </div>
        {actions && <div className="actions">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

const TONE_ICON = { info: 'info', ok: 'good', warning: 'needs-you', danger: 'failed' } as const satisfies Record<
  string,
  IconName
>

export interface NoticeProps {
  readonly tone: keyof typeof TONE_ICON
  readonly title?: string
  readonly children?: ReactNode
  readonly actions?: ReactNode
}

export function Notice({ tone, title, children, actions }: NoticeProps) {
  return (
    <div className={`notice notice-${tone}`}>
      <Icon name={TONE_ICON[tone]} />
      <div className="notice-text">
        {title && <strong>{title}</strong>}
        {children}
      </div>
      {actions && <div className="actions">{actions}</div>}
    </div>
  )
}

export interface EmptyStateProps {
  readonly title: string
  readonly icon?: IconName
  /** What to do. */
  readonly children?: ReactNode
  readonly actions?: ReactNode
}

export function EmptyState({ title, icon = 'empty', children, actions }: EmptyStateProps) {
  return (
    <div className="empty-state">
      <Icon name={icon} size={40} />
      <h2>{title}</h2>
      {children}
      {actions && <div className="actions">{actions}</div>}
    </div>
  )
}

export const Card = ({ title, children }: { readonly title?: ReactNode; readonly children: ReactNode }) => (
  <section className="card">
    {title && <h2>{title}</h2>}
    {children}
  </section>
)

/** Label and value, one per line. */
export function Facts({ rows }: { readonly rows: readonly (readonly [label: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
