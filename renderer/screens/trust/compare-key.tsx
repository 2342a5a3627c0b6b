// Comparing a fingerprint with its holder in one of three ways: letters in groups, words for a bad line, or a code for whoever
// stands beside the screen. What is dictated can be typed and is compared as it comes.
import { type ReactNode, useState } from 'react'
import { wordsOfFingerprint } from '#base/fingerprint-words.ts'
import type { KeyView } from '#contract/views.ts'
import { Button, CopyButton, Dialog, Notice, Tabs, TextField } from '#renderer/components/index.ts'
import type { Translate } from '#renderer/text/translate.ts'
import { useText } from '#renderer/text/use-text.tsx'
import { QrCode } from './qr-code.tsx'
import { type Comparison, compareTyped, groupsOf } from './trust-rules.ts'
import { codeOfFingerprint, compareWords, groupOfWord, type WordComparison } from './word-rules.ts'

type Shown = { readonly fingerprint: string }

export function CompareKey({ shown, onClose }: { readonly shown: KeyView; onClose(): void }) {
  const t = useText()
  const [way, setWay] = useState('letters')
  const { fingerprint } = shown
  const copied = way === 'words' ? wordsOfFingerprint(fingerprint) : groupsOf(fingerprint)
  const footer = (
    <>
      <CopyButton text={copied.join(' ')} />
      <Button variant="primary" onPress={onClose}>
        {t('action.close')}
      </Button>
    </>
  )
  const tabs = [
    { id: 'letters', title: t('trust.compareLetters'), content: <Letters fingerprint={fingerprint} /> },
    { id: 'words', title: t('trust.compareWords'), content: <Words fingerprint={fingerprint} /> },
    { id: 'code', title: t('trust.compareCode'), content: <Code fingerprint={fingerprint} /> },
  ]
  return (
    <Dialog title={t('trust.compareTitle')} isOpen onClose={onClose} size="wide" footer={footer}>
      <p>
        <b>
          <bdi>{shown.name || t('trust.noName')}</bdi>
        </b>
      </p>
      <Tabs label={t('trust.compareWay')} tabs={tabs} selected={way} onSelect={setWay} />
    </Dialog>
  )
}

function Letters({ fingerprint }: Shown) {
  const t = useText()
  const [typed, setTyped] = useState('')
  const result = compareTyped(fingerprint, typed)
  const wrong = result.kind === 'differs' ? result.group : null
  return (
    <div className="key-compare">
      <p className="quiet">{t('trust.compareText')}</p>
      <ol className="key-groups" dir="ltr">
        {groupsOf(fingerprint).map((group, index) => (
          <Group
            key={index}
            number={index + 1}
            isWrong={wrong === index + 1}
            label={t('trust.compareGroup', { number: index + 1, letters: [...group].join(' ') })}
          >
            <span aria-hidden="true">{group}</span>
          </Group>
        ))}
      </ol>
      <TextField label={t('trust.compareTyped')} value={typed} onChange={setTyped} code maxLength={200} />
      <Answer tone={result.kind === 'nothing' ? null : TONE[result.kind]}>{wordsOf(result, t)}</Answer>
    </div>
  )
}

function Words({ fingerprint }: Shown) {
  const t = useText()
  const [typed, setTyped] = useState('')
  const result = compareWords(fingerprint, typed)
  const wrong = 'place' in result ? result.place : null
  const words = wordsOfFingerprint(fingerprint)
  return (
    <div className="key-compare">
      <p className="quiet">{t('trust.compareWordsText')}</p>
      <ol className="key-groups" dir="ltr">
        {groupsOf(fingerprint).map((_group, index) => (
          <Group key={index} number={index + 1} isWrong={wrong !== null && groupOfWord(wrong) === index + 1}>
            <span lang="en" className="key-words">
              {words.slice(2 * index, 2 * index + 2).map((word, at) => (
                <span key={at} className={wrong === 2 * index + at + 1 ? 'key-word-wrong' : undefined}>
                  {word}{' '}
                </span>
              ))}
            </span>
          </Group>
        ))}
      </ol>
      <TextField
        label={t('trust.compareTypedWords')}
        value={typed}
        onChange={setTyped}
        multiline
        rows={2}
        code
        maxLength={600}
      />
      <Answer tone={result.kind === 'nothing' ? null : TONE[result.kind]}>{answerOf(result, t)}</Answer>
    </div>
  )
}

function Code({ fingerprint }: Shown) {
  const t = useText()
  return (
    <div className="key-compare key-code">
      <p className="quiet">{t('trust.compareCodeText')}</p>
      <QrCode text={codeOfFingerprint(fingerprint)} mode="Alphanumeric" label={t('trust.compareCodeLabel')} />
    </div>
  )
}

interface GroupProps {
  readonly number: number
  readonly isWrong: boolean
  readonly label?: string
  readonly children: ReactNode
}

const Group = ({ number, isWrong, label, children }: GroupProps) => (
  <li className={isWrong ? 'key-group key-group-wrong' : 'key-group'} aria-label={label}>
    <small aria-hidden="true">{number}</small>
    {children}
  </li>
)

const TONE = {
  'so-far': 'info',
  equal: 'ok',
  differs: 'danger',
  unknown: 'warning',
  misplaced: 'danger',
  'too-long': 'danger',
} as const

function Answer({ tone, children }: { readonly tone: (typeof TONE)[keyof typeof TONE] | null; children: ReactNode }) {
  return (
    <div role="status" className="live-slot">
      {tone && <Notice tone={tone}>{children}</Notice>}
    </div>
  )
}

function wordsOf(result: Comparison, t: Translate): string {
  switch (result.kind) {
    case 'nothing':
      return ''
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

function answerOf(result: WordComparison, t: Translate): string {
  switch (result.kind) {
    case 'nothing':
      return ''
    case 'equal':
      return t('trust.compareEqual')
    case 'so-far':
      return t('trust.compareSoFarWords', { count: result.count })
    case 'too-long':
      return t('trust.compareTooManyWords')
    default: {
      const { kind, place, word } = result
      return t(`trust.compareWord.${kind}`, { place, group: groupOfWord(place), word })
    }
  }
}
