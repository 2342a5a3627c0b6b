// What the agent says: each remark once per topic until it changes, so that a server that is away for a week does not fill
// the journal with the same line.

export interface Remarks {
  /** Says `line` unless it is what was said last on the topic. */
  say(topic: string, line: string): void
  /** The topic is all right again; `line` is said when something had been said before. */
  clear(topic: string, line?: string): void
}

const MOST_TOPICS = 200

export function createRemarks(note: (line: string) => void): Remarks {
  const last = new Map<string, string>()
  return {
    say(topic, line) {
      if (last.get(topic) === line) return
      last.delete(topic)
      last.set(topic, line)
      if (last.size > MOST_TOPICS) last.delete([...last.keys()][0] ?? '')
      note(line)
    },
    clear(topic, line) {
      if (last.delete(topic) && line !== undefined) note(line)
    },
  }
}
