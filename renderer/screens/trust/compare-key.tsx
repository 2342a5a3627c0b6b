// Comparing a fingerprint with its holder: large groups to read aloud, and a field that compares what is dictated.
import { useState } from 'react'
import type { KeyView } from '../../../src-shared/contract/views.ts'
import { Button, CopyButton, Dialog, Notice, TextField } from '../../components/index.ts'
import type { Translate } from '../../text/translate.ts'
import { useText } from '../../text/use-text.tsx'
import { type Comparison, compareTyped, groupsOf } from './trust-rules.ts'

export function CompareKey({ shown, onClose }: { readonly shown: KeyView; onClose(): void }) {
  const t = useText()
  const [typed, setTyped] = useState('')
  const groups = groupsOf(shown.fingerprint)
  const result = compareTyped(shown.fingerprint, typed)
  const wrong = result.kind === 'differs' ? result.group : null
  const footer = (
    <>
      <CopyButton text={groups.join(' ')} />
      <Button variant="primary" onPress={onClose}>
        {t('action.close')}
      </Button>
    </>
  )
  return (
    <Dialog title={t('trust.compareTitle')} isOpen onClose={onClose} size="wide" footer={footer}>
      <p>
        <b>
          <bdi>{shown.name || t('trust.noName')}</bdi>
        </b>
      </p>
      <p className="quiet">{t('trust.compareText')}</p>
      <ol className="key-groups" dir="ltr">
        {groups.map((group, index) => (
          <li
            key={index}
            className={wrong === index + 1 ? 'key-group key-group-wrong' : 'key-group'}
            aria-label={t('trust.compareGroup', { number: index + 1, letters: [...group].join(' ') })}
          >
            <small aria-hidden="true">{index + 1}</small>
            <span aria-hidden="true">{group}</span>
          </li>
        ))}
      </ol>
      <TextField label={t('trust.compareTyped')} value={typed} onChange={setTyped} code maxLength={200} />
      <div role="status" className="live-slot">
        {result.kind !== 'nothing' && <Notice tone={TONE[result.kind]}>{wordsOf(result, t)}</Notice>}
      </div>
    </Dialog>
  )
}

const TONE = { 'so-far': 'info', equal: 'ok', differs: 'danger', 'too-long': 'danger' } as const

function wordsOf(result: Exclude<Comparison, { kind: 'nothing' }>, t: Translate): string {
  switch (result.kind) {
    case 'equal':
      return t('trust.compareEqual')
    case 'so-far':
      return t('trust.compareSoFar', { count: result.count })
    case 'differs':
      return t('trust.compareDiffers', { group: result.group })
    case 'too-long':
      return t('trust.compareTooLong')
  }
}
