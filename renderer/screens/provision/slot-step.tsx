// Step 3 of Repair slots: which slot is written, and whether blocks that are right already are left alone.
import { Checkbox, Notice, RadioGroup, SlotBadge, shortName } from '#renderer/components/index.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { spareSlot } from './provision-state.ts'
import { changeWish, useBench, useProvision } from './provision-store.ts'

export function SlotStep() {
  const t = useText()
  const { wish } = useProvision()
  const { units } = useBench()
  const spare = spareSlot(units)
  return (
    <>
      <RadioGroup
        label={t('provision.slotLabel')}
        description={t('provision.slotHint')}
        value={wish.slot}
        options={(['A', 'B'] as const).map((slot) => ({
          id: slot,
          label: t('slot.name', { slot }),
          description: slot === spare ? t('provision.slotSpare') : undefined,
        }))}
        onChange={(slot) => changeWish({ slot })}
      />
      <Checkbox
        label={t('provision.changedOnly')}
        description={t('provision.changedOnlyHint')}
        isSelected={wish.changedOnly}
        onChange={(changedOnly) => changeWish({ changedOnly })}
      />
      <ul className="unit-list">
        {units.map(({ key, recovery, ...unit }) => (
          <li key={key} className="unit-row unit-slots">
            <b>
              <bdi>{shortName(unit)}</bdi>
            </b>
            {recovery && <SlotBadge slot={recovery.slots.A} bootsNext={recovery.bootsNext?.slot === 'A'} />}
            {recovery && <SlotBadge slot={recovery.slots.B} bootsNext={recovery.bootsNext?.slot === 'B'} />}
          </li>
        ))}
      </ul>
      <Notice tone="ok">{t('provision.repairKeeps')}</Notice>
    </>
  )
}
