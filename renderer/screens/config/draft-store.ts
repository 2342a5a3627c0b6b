// The config draft that is open in this window: edited under Config & restore, used there and by Provision.
import { create } from 'zustand'
import type { ConfigDraftView } from '#contract/views.ts'

export interface DraftStore {
  readonly draft: ConfigDraftView | null
  /** Path of the open file. */
  readonly file: string | null
}

export const useDraft = create<DraftStore>()(() => ({ draft: null, file: null }))

/** Another draft: its first file with a mistake, or its first one that can be shown, is open. */
export function openDraft(draft: ConfigDraftView): void {
  const wrong = draft.problems[0]?.file
  const file = draft.files.find(({ path }) => path === wrong) ?? draft.files.find(({ text }) => text !== null)
  useDraft.setState({ draft, file: file?.path ?? draft.files[0]?.path ?? null })
}

/** It was used: the next unit gets its own. */
export const closeDraft = (): void => useDraft.setState({ draft: null, file: null })

/** The same draft after a change of one of its files. */
export const changeDraft = (draft: ConfigDraftView): void =>
  useDraft.setState(({ draft: before }) => (before?.draft === draft.draft ? { draft } : {}))

export const openFile = (file: string): void => useDraft.setState({ file })
