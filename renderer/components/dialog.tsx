// Dialogs. Esc and the cross close and never confirm; a click beside it does nothing; focus returns to where it was.
import type { ReactNode } from 'react'
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { useText } from '../text/use-text.tsx'
import { IconButton } from './button.tsx'

export interface DialogProps {
  readonly title: string
  readonly isOpen: boolean
  onClose(): void
  /** `wide` for two columns. */
  readonly size?: 'normal' | 'wide'
  /** `alertdialog` for questions that stop the work. */
  readonly role?: 'dialog' | 'alertdialog'
  /** Buttons, the confirming one last. */
  readonly footer?: ReactNode
  readonly children: ReactNode
}

export function Dialog({ title, isOpen, onClose, size = 'normal', role = 'dialog', footer, children }: DialogProps) {
  const t = useText()
  return (
    <ModalOverlay className="overlay" isOpen={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Modal className={`modal modal-${size}`}>
        <AriaDialog role={role} className="dialog">
          <header className="dialog-head">
            <Heading slot="title">{title}</Heading>
            <IconButton label={t('action.close')} icon="close" onPress={onClose} />
          </header>
          <div className="dialog-body">{children}</div>
          {footer && <footer className="dialog-foot">{footer}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}
