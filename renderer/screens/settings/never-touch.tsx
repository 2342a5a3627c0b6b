// Serial numbers of disks that are never written.
import { useState } from 'react'
import { Button, Card, IconButton, MenuButton, ProblemBox, Serial, TextField } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { useCall } from '#renderer/store/use-call.ts'
import type { TextKey } from '#renderer/text/index.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { useTexts } from '#renderer/text/use-text.tsx'
import { type AddResult, addSerial, isListed, unitsToProtect } from './settings-rules.ts'

const WHY = {
  empty: 'settings.serialEmpty',
  long: 'settings.serialLong',
  known: 'settings.serialKnown',
  full: 'settings.listFull',
} as const satisfies Record<Extract<AddResult, { ok: false }>['why'], TextKey>

export function NeverTouch() {
  const { t, locale } = useTexts()
  const list = useStation((station) => station.settings.neverTouch)
  const units = useStation((station) => station.bench.units)
  const change = useCall('settings.change')
  const [typed, setTyped] = useState('')
  const [error, setError] = useState<TextKey | null>(null)
  const [news, setNews] = useState('')
  const add = async (serial: string): Promise<void> => {
    const result = addSerial(list, serial)
    if (!result.ok) return setError(WHY[result.why])
    setError(null)
    if (!(await change.run({ neverTouch: [...result.list] }))) return
    setTyped('')
    setNews(t('settings.serialAdded', { serial: result.serial }))
  }
  const remove = async (serial: string): Promise<void> => {
    if (await change.run({ neverTouch: list.filter((one) => one !== serial) }))
      setNews(t('settings.serialRemoved', { serial }))
  }
  const onBench = unitsToProtect(units, list)
  return (
    <Card title={t('settings.neverTouch')}>
      <p className="quiet">{t('settings.neverTouchText')}</p>
      <div className="settings-line">
        <TextField
          label={t('settings.serial')}
          description={t('settings.serialText')}
          value={typed}
          onChange={(text) => {
            setError(null)
            setTyped(text)
          }}
          error={error && t(error)}
          code
          onEnter={() => void add(typed)}
        />
        <div className="actions">
          <Button isDisabled={change.busy} onPress={() => void add(typed)}>
            {t('settings.addSerial')}
          </Button>
          <MenuButton
            label={t('settings.addFromBench')}
            isDisabled={onBench.length === 0 || change.busy}
            items={onBench.map(({ key, serial, model, size }) => ({
              id: key,
              label: serial ?? '',
              description: [model, bytesText(size, locale)].filter(Boolean).join(', '),
              onAction: () => void add(serial ?? ''),
            }))}
          />
        </div>
      </div>
      {change.problem && <ProblemBox problem={change.problem} />}
      <p className="visually-hidden" role="status">
        {news}
      </p>
      {list.length === 0 ? (
        <p>{t('settings.neverTouchNone')}</p>
      ) : (
        <ul className="serial-list" aria-label={t('settings.neverTouchList')}>
          {list.map((serial) => (
            <li key={serial}>
              <Serial value={serial} />
              {units.some((unit) => unit.serial !== null && isListed([serial], unit.serial)) && (
                <small className="quiet">{t('settings.onBench')}</small>
              )}
              <IconButton
                icon="close"
                label={t('settings.removeSerial', { serial })}
                isDisabled={change.busy}
                onPress={() => void remove(serial)}
              />
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
