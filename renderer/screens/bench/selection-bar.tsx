// What is selected and what can be done with it. The buttons are always there, so that nothing jumps under the pointer.
import { useMemo } from 'react'
import { Button } from '#renderer/components/index.ts'
import { jobOf, useStation } from '#renderer/store/station.ts'
import { navigate, selectUnits, useUi } from '#renderer/store/ui.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { actionsFor, isBusy, whyNotOffered } from './bench-rules.ts'

export function SelectionBar() {
  const t = useText()
  const selection = useUi((state) => state.selection)
  const all = useStation(({ bench }) => bench.units)
  const units = useMemo(() => all.filter(({ key }) => selection.has(key)), [all, selection])
  const busy = useStation((station) => units.some(({ key }) => isBusy(jobOf(station, key))))
  const fits = actionsFor(units, () => busy)
  const why = whyNotOffered(units, () => busy)
  return (
    <section className="selection-bar" aria-label={t('nav.bench')}>
      <span className="selection-count">
        <b>{t('bench.selected', { count: units.length })}</b>
        {units.length === 0 ? (
          <small className="quiet">{t('bench.selectHint')}</small>
        ) : (
          <span className="selection-line">
            <Button variant="quiet" onPress={() => selectUnits([])}>
              {t('bench.clearSelection')}
            </Button>
            {why && <small className={why.startsWith('bench.why.') ? 'selection-why' : 'row-why'}>{t(why)}</small>}
          </span>
        )}
      </span>
      <div className="actions">
        <Button isDisabled={!fits.has('slots')} onPress={() => navigate('slots', units[0].key)}>
          {t('nav.slots')}
        </Button>
        <Button isDisabled={!fits.has('repair')} onPress={() => navigate('provision', 'repair')}>
          {t('verb.repair')}
        </Button>
        <Button variant="primary" isDisabled={!fits.has('provision')} onPress={() => navigate('provision')}>
          {t('verb.provision')}
        </Button>
      </div>
    </section>
  )
}
