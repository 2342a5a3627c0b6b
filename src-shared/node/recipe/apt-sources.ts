// Which package sources serve a base: those of the builder's own apt, or a mirror that was named. Nothing about any mirror
// is built in.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readBoundedText } from '../os/bounded-read.ts'

export interface AptSource {
  readonly uri: string
  readonly suite: string
  readonly components: readonly string[]
  /** Key ring file; null leaves it to apt. */
  readonly signedBy: string | null
}

/** Reads one-line sources: `deb [signed-by=F] URI SUITE COMPONENT...`. */
export function parseSourceList(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)((?:\s+[^\s#]+)*)/.exec(line)
    if (!match) return []
    const [, options = '', uri, suite, components] = match
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1] ?? null
    return [{ uri, suite, components: words(components), signedBy }]
  })
}

/** Reads sources in deb822 form; a key written into the file itself is left to apt's own key rings. */
export function parseDeb822(text: string): AptSource[] {
  return text.split(/\n(?:[ \t]*\n)+/).flatMap((stanza) => {
    const fields = new Map<string, string>()
    for (const [, name, value] of stanza.replace(/^#.*\n?/gm, '').matchAll(/^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)/gm))
      fields.set(name.toLowerCase(), value)
    const field = (name: string) => words(fields.get(name) ?? '')
    if (!field('types').includes('deb') || /^\s*no\s*$/i.test(fields.get('enabled') ?? '')) return []
    const [key = ''] = field('signed-by')
    const signedBy = key.startsWith('/') ? key : null
    return field('uris').flatMap((uri) =>
      field('suites').map((suite) => ({ uri, suite, components: field('components'), signedBy })),
    )
  })
}

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean)

/** All package sources of this machine; none where there is no apt. */
export async function hostSources(folder = '/etc/apt'): Promise<AptSource[]> {
  const read = (file: string) => readBoundedText(file).catch(() => '')
  const names = (await readdir(join(folder, 'sources.list.d')).catch(() => [])).sort()
  const parts = await Promise.all(
    names.map(async (name) => {
      const text = await read(join(folder, 'sources.list.d', name))
      if (name.endsWith('.list')) return parseSourceList(text)
      return name.endsWith('.sources') ? parseDeb822(text) : []
    }),
  )
  return [...parseSourceList(await read(join(folder, 'sources.list'))), ...parts.flat()]
}

/** Those that serve the suite: itself, its updates and its security updates; empty when the suite itself is not there. */
export function sourcesFor(suite: string, sources: readonly AptSource[]): AptSource[] {
  const wanted = [suite, `${suite}-updates`, `${suite}-security`, `${suite}/updates`]
  const fitting = sources.filter((each) => wanted.includes(each.suite) && each.components.includes('main'))
  return fitting.some((each) => each.suite === suite) ? fitting : []
}

/** A source as one line of sources.list. */
export const sourceLine = ({ uri, suite, components, signedBy }: AptSource): string =>
  ['deb', ...(signedBy ? [`[signed-by=${signedBy}]`] : []), uri, suite, ...components].join(' ')

/** An address without name and password. */
export const withoutSecrets = (uri: string): string => uri.replace(/\/\/[^/@\s]*@/, '//')
