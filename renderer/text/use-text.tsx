// The language for components: `const t = useText()`, then `t('bench.title')`. Also sets language and direction of the page.
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react'
import { I18nProvider } from 'react-aria-components'
import { directionOf, type ShownLanguage, type Speech, speechOf, type Translate } from './translate.ts'

const TextContext = createContext<Speech>(speechOf('en'))

export const useTexts = (): Speech => useContext(TextContext)
export const useText = (): Translate => useTexts().t

/** The component library's own words: its languages carry a region, its digits are ours. */
const LIBRARY_LOCALE: Readonly<Record<ShownLanguage, string>> = {
  en: 'en-US',
  de: 'de-DE',
  fr: 'fr-FR',
  es: 'es-ES',
  ar: 'ar-AE-u-nu-latn',
  'en-XA': 'en-US',
}

export function TextProvider({
  language,
  children,
}: {
  readonly language: ShownLanguage
  readonly children: ReactNode
}) {
  const texts = useMemo(() => speechOf(language), [language])
  useEffect(() => {
    document.documentElement.lang = language
    document.documentElement.dir = directionOf(language)
  }, [language])
  return (
    <I18nProvider locale={LIBRARY_LOCALE[language]}>
      <TextContext value={texts}>{children}</TextContext>
    </I18nProvider>
  )
}
