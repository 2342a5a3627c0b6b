// The console's own small set of icons: 20 by 20, drawn with the text's colour. They carry shape only; the word beside them
// carries the meaning, so they are hidden from screen readers.
import type { ReactNode } from 'react'

const PATHS = {
  ready: <circle cx="10" cy="10" r="6.5" />,
  writing: <path d="M10 3v11m-5-5 5 5 5-5M4 17h12" />,
  'reading-back': <path d="M10 14V3M5 8l5-5 5 5M4 17h12" />,
  verified: (
    <>
      <path d="M10 2.2 16.5 5v5c0 4-3 6.500-6.500 7.800C6.500 16.500 3.500 14 3.500 10V5z" />
      <path d="m6.800 10 2.300 2.300 4.200-4.600" />
    </>
  ),
  failed: <path d="M6.200 2.500h7.600l3.700 3.700v7.600l-3.700 3.700H6.200l-3.700-3.700V6.200zM7 7l6 6m0-6-6 6" />,
  stopped: <path d="M4 4h12v12H4z" />,
  'needs-you': <path d="M10 2.500 18 17H2zM10 8v4.500m0 1.800v.7" />,
  unknown: (
    <path d="M7 7.500a3 3 0 1 1 4.300 2.700c-.9.500-1.300 1-1.300 2m0 2.300v.5M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16" />
  ),
  good: <path d="m3.500 10.500 4.200 4.200 8.800-9.400" />,
  trying: <path d="M10 2.500a7.500 7.500 0 1 0 7.500 7.500M10 5.500V10l3 2" />,
  bad: <path d="m4.500 4.500 11 11m0-11-11 11" />,
  empty: <path d="M4 4h12v12H4z" strokeDasharray="2.500 2.500" />,
  incomplete: <path d="M10 2.500a7.500 7.500 0 1 0 0 15zM10 2.500v15" />,
  arrow: <path d="M3 10h13m-5-5 5 5-5 5" />,
  disk: <path d="M3 4h14v12H3zM3 12h14m-3.500 2h.5" />,
  file: <path d="M5 2.500h6.500L15.500 6.500v11H5zM11 2.500V7h4.500" />,
  bench: <path d="M2.500 4.500h15v4h-15zM2.500 11.500h15v4h-15zM5 6.500h.5m-.5 7h.5" />,
  images: <path d="m10 2.500 7.500 4-7.500 4-7.500-4zM2.500 10l7.500 4 7.500-4M2.500 13.500l7.500 4 7.500-4" />,
  trust: (
    <path d="M7 13.500a4 4 0 1 1 3.300-6.300l7.200 0v3l-1.500 0v2.500h-3v-2.500h-2A4 4 0 0 1 7 13.500M6 9.500h.500" />
  ),
  config: <path d="M3 5h8m4 0h2M3 10h2m4 0h8M3 15h8m4 0h2M11 3v4M5 8v4m6 1v4" />,
  reports: <path d="M4.500 2.500h11v15h-11zM7.500 6.500h5m-5 3.500h5m-5 3.500h3" />,
  diagnostics: <path d="M2.500 10H6l2-5.500 4 11 2-5.500h3.500" />,
  settings: (
    <path d="M10 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6M10 2v2.500m0 11V18M2 10h2.500m11 0H18M4.300 4.300l1.800 1.800m7.800 7.800 1.800 1.800m0-11.400-1.800 1.800m-7.800 7.800-1.800 1.800" />
  ),
  running: <path d="M2 10h4l2.500-6 3.500 12 2.500-6H18" />,
  run: <path d="M3 3h6v6H3zM11 3h6v6h-6zM3 11h6v6H3zM11 11h6v6h-6z" />,
  close: <path d="m5 5 10 10m0-10L5 15" />,
  copy: <path d="M7 7h10v10H7zM13 7V3H3v10h4" />,
  add: <path d="M10 3.500v13M3.500 10h13" />,
  more: <path d="M4 10h.5m5.250 0h.5m5.250 0h.5" />,
  down: <path d="m5 7.500 5 5 5-5" />,
  search: <path d="M8.500 3a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11m4 9.500 4.500 4.500" />,
  help: <path d="M7 7.500a3 3 0 1 1 4.300 2.700c-.9.500-1.300 1-1.300 2m0 2.300v.5" />,
  log: <path d="M3 5h14M3 10h14M3 15h9" />,
  pause: <path d="M6.500 4v12m7-12v12" />,
  play: <path d="M5.500 3.500v13l11-6.500z" />,
  twin: <path d="M2.500 5.500h9v6h-9zM8.500 8.500h9v6h-9z" />,
  info: <path d="M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16m0 7v5m0-8v.5" />,
  lock: <path d="M4.500 9h11v8h-11zM7 9V6.500a3 3 0 0 1 6 0V9" />,
} as const satisfies Record<string, ReactNode>

export type IconName = keyof typeof PATHS

export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className={`icon icon-${name}`}
      viewBox="0 0 20 20"
      width={size}
      height={size}
      aria-hidden="true"
      focusable="false"
    >
      {PATHS[name]}
    </svg>
  )
}
