// The filter of the bench; `/` goes to it, Esc empties it.
import { Input, Label, SearchField } from 'react-aria-components'
import { Button, Icon } from '#renderer/components/index.ts'
import { FILTER_FIELD } from '#renderer/shell/keys.ts'
import { useUi } from '#renderer/store/ui.ts'
import { useText } from '#renderer/text/use-text.tsx'

export function FilterInput({ shown, count }: { readonly shown: number; readonly count: number }) {
  const t = useText()
  const filter = useUi((state) => state.filter)
  return (
    <div className="bench-filter">
      <SearchField
        className="search"
        value={filter}
        onChange={(text) => useUi.setState({ filter: text })}
        {...{ [FILTER_FIELD]: '' }}
      >
        <Label className="visually-hidden">{t('bench.filter')}</Label>
        <Icon name="search" />
        <Input className="input" placeholder={t('bench.filterHint')} />
      </SearchField>
      {filter !== '' && (
        <>
          <span className="quiet" role="status">
            {t('bench.shown', { shown, count })}
          </span>
          <Button variant="quiet" onPress={() => useUi.setState({ filter: '' })}>
            {t('bench.clearFilter')}
          </Button>
        </>
      )}
    </div>
  )
}
