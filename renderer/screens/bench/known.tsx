// What is known of a unit and from when: its content first, then how the last job ended. Two facts, each with its own time.
import type { KnownView } from '#contract/views.ts'
import { useMinute } from '#renderer/components/index.ts'
import { contentLine, lastJobLine } from '#renderer/text/sentences.ts'
import { useTexts } from '#renderer/text/use-text.tsx'

export function Known({ known: { content, lastJob } }: { readonly known: KnownView }) {
  const speech = useTexts()
  const now = new Date(useMinute())
  return (
    <>
      {content && (
        <small className={content.kind === 'differs' ? 'row-why' : 'quiet'}>{contentLine(content, now, speech)}</small>
      )}
      {lastJob && <small className="quiet">{lastJobLine(lastJob, now, speech)}</small>}
    </>
  )
}
