// What the agent says: one remark when something begins and one when it changes, so that a server that is away for a week, or
// a window that is shut for a day, does not fill the journal. What a remark is about says its code and its details without
// the times and counts that differ at every look.
import { explain, type Finding } from '#base/errors.ts'

export interface Remarks {
  /** Says `what` unless the last one on the topic was about the same. */
  say(topic: string, what: string | Finding, prefix?: string): void
  /** The topic is all right again; `line` is said when something had been said before. */
  clear(topic: string, line?: string): void
}

const MOST_TOPICS = 200
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?/g
/** These grow, or are measured anew, while the cause is the same. */
const COUNTS: readonly string[] = ['received', 'attempts', 'free', 'needed', 'seconds', 'boot']

/** The same for two findings that differ in nothing but when they were made, or how far something had got by then. */
export function identityOf({ code, details }: Finding): string {
  const kept = Object.entries(details).flatMap(([key, value]) => {
    if (COUNTS.includes(key)) return []
    const text = String(value).replace(TIME, '')
    // A reason may be another finding's sentence, with its own counts.
    return [`${key}=${key === 'reason' ? text.replace(/\d+/g, '#') : text}`]
  })
  return [code, ...kept.sort()].join(' ')
}

export function createRemarks(note: (line: string) => void): Remarks {
  const last = new Map<string, string>()
  return {
    say(topic, what, prefix = '') {
      const identity = prefix + (typeof what === 'string' ? what.replace(TIME, '') : identityOf(what))
      if (last.get(topic) === identity) return
      last.delete(topic)
      last.set(topic, identity)
      if (last.size > MOST_TOPICS) last.delete([...last.keys()][0] ?? '')
      note(prefix + (typeof what === 'string' ? what : explain(what).message))
    },
    clear(topic, line) {
      if (last.delete(topic) && line !== undefined) note(line)
    },
  }
}
