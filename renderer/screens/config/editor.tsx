// One file of the draft as text with line numbers. Changes go to the host after a pause and are judged there; a file that is
// a secret is never shown nor edited, values that are secrets are masked by the host; a file that is no text is kept as it is.
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import type { ConfigDraftView, ConfigFileView } from '#contract/views.ts'
import { Button, Icon, Notice, ProblemBox } from '#renderer/components/index.ts'
import { useCall } from '#renderer/store/use-call.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { countLines, kindOfFile, problemsOfFile, rangeOfLine, textOfFile, wrongLines } from './draft-rules.ts'
import { changeDraft } from './draft-store.ts'
import { onJump, takeJump } from './jump.ts'

export interface EditorProps {
  readonly draft: ConfigDraftView
  readonly file: ConfigFileView
  /** True while the host does not have what is on the screen. */
  onUnsaved(unsaved: boolean): void
}

export function Editor({ draft, file, onUnsaved }: EditorProps) {
  const { t, locale } = useTexts()
  const kind = kindOfFile(file)
  if (kind === 'binary')
    return <Notice tone="info">{t('config.binary', { size: bytesText(file.size, locale) })}</Notice>
  if (kind === 'secret')
    return (
      <div className="config-secret">
        <Notice tone="info" title={t('config.secretTitle')}>
          {t('config.secretText', { size: bytesText(file.size, locale) })}
        </Notice>
        <p className="config-mask" aria-hidden="true">
          ••••••••••••
        </p>
      </div>
    )
  return <TextEditor draft={draft} file={file} onUnsaved={onUnsaved} />
}

/** A pause in typing after which the host judges the text. */
const PAUSE_MS = 600

function TextEditor({ draft, file, onUnsaved }: EditorProps) {
  const t = useText()
  const id = useId()
  const [text, setText] = useState(file.text ?? '')
  const [kept, setKept] = useState(file.text ?? '')
  const [retry, setRetry] = useState(0)
  const { run, busy, problem } = useCall('config.edit')
  const unsaved = text !== kept
  useEffect(() => {
    if (!unsaved || busy || (problem && retry === 0)) return
    const timer = setTimeout(async () => {
      const answer = await run({ draft: draft.draft, path: file.path, text })
      setRetry(0)
      if (answer === null) return
      changeDraft(answer)
      // A secret that was typed comes back masked, unless somebody has typed on meanwhile.
      const shown = textOfFile(answer, file.path) ?? text
      setKept(shown)
      setText((now) => (now === text ? shown : now))
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [unsaved, busy, problem, retry, run, draft.draft, file.path, text])
  useEffect(() => {
    onUnsaved(unsaved)
    return () => onUnsaved(false)
  }, [unsaved, onUnsaved])

  const problems = problemsOfFile(draft, file.path)
  return (
    <div className="editor">
      <div className="editor-head">
        <label htmlFor={id}>
          <bdi dir="ltr">{file.path}</bdi>
        </label>
        <span role="status" className="editor-state">
          <Icon name={unsaved ? 'trying' : 'good'} size={16} />
          {unsaved ? t('config.checking') : t('config.kept')}
        </span>
      </div>
      <Lines id={id} path={file.path} text={text} wrong={wrongLines(problems)} onChange={setText} />
      <p className="quiet">{t('config.tabHint')}</p>
      {problem && (
        <>
          <ProblemBox problem={problem} title={t('config.notKept')} />
          <Button onPress={() => setRetry(retry + 1)}>{t('action.retry')}</Button>
        </>
      )}
    </div>
  )
}

interface LinesProps {
  readonly id: string
  readonly path: string
  readonly text: string
  readonly wrong: ReadonlySet<number>
  onChange(text: string): void
}

/** A text area with its line numbers beside it; wrong lines are marked by a sign, not by colour alone. */
function Lines({ id, path, text, wrong, onChange }: LinesProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  const gutter = useRef<HTMLDivElement>(null)
  const follow = (): void => {
    if (area.current && gutter.current) gutter.current.scrollTop = area.current.scrollTop
  }
  useLayoutEffect(() => {
    const take = (): void => {
      const line = takeJump(path)
      const target = area.current
      if (line === null || target === null) return
      target.focus()
      target.setSelectionRange(...rangeOfLine(target.value, line))
      const height = target.scrollHeight / countLines(target.value)
      target.scrollTop = Math.max(0, (line - 3) * height)
    }
    take()
    return onJump(take)
  }, [path])
  const numbers = Array.from({ length: countLines(text) }, (_, index) => index + 1)
  return (
    <div className="editor-lines" dir="ltr">
      <div className="editor-gutter" aria-hidden="true" ref={gutter}>
        {numbers.map((line) => (
          <div key={line} className={wrong.has(line) ? 'wrong-line' : undefined}>
            {wrong.has(line) ? `✕ ${line}` : line}
          </div>
        ))}
      </div>
      <textarea
        id={id}
        ref={area}
        value={text}
        wrap="off"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        aria-invalid={wrong.size > 0}
        onChange={(event) => onChange(event.target.value)}
        onScroll={follow}
      />
    </div>
  )
}
