// The files of the draft, each with its mistakes counted and secrets marked.

import { ListBox, ListBoxItem } from 'react-aria-components'
import type { ConfigDraftView } from '#contract/views.ts'
import { Icon, type IconName } from '#renderer/components/index.ts'
import { bytesText } from '#renderer/text/numbers.ts'
import { useTexts } from '#renderer/text/use-text.tsx'
import { type FileKind, kindOfFile, problemsOfFile } from './draft-rules.ts'
import { openFile } from './draft-store.ts'

export interface FileListProps {
  readonly draft: ConfigDraftView
  readonly open: string | null
  readonly isDisabled: boolean
}

const ICONS = { text: 'file', secret: 'lock', binary: 'empty' } as const satisfies Record<FileKind, IconName>

export function FileList({ draft, open, isDisabled }: FileListProps) {
  const { t, locale } = useTexts()
  return (
    <ListBox
      className="file-list"
      aria-label={t('config.files')}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={open === null ? [] : [open]}
      disabledKeys={isDisabled ? draft.files.map(({ path }) => path).filter((path) => path !== open) : []}
      onSelectionChange={(keys) => {
        const [key] = keys === 'all' ? [] : keys
        if (key !== undefined) openFile(String(key))
      }}
    >
      {draft.files.map((file) => {
        const mistakes = problemsOfFile(draft, file.path).length
        const kind = kindOfFile(file)
        return (
          <ListBoxItem key={file.path} id={file.path} textValue={file.path} className="file-row">
            <Icon name={ICONS[kind]} size={18} />
            <span className="file-path">
              <bdi dir="ltr">{file.path}</bdi>
            </span>
            <span className="quiet">
              {mistakes > 0
                ? t('config.mistakes', { count: mistakes })
                : kind === 'secret'
                  ? t('config.secret')
                  : bytesText(file.size, locale)}
            </span>
          </ListBoxItem>
        )
      })}
    </ListBox>
  )
}
